import { expect, test } from 'vitest';
import { parsePairLink, tidyCode } from './pair-link';

test('a link carries server and code', () => {
  expect(parsePairLink('deskbell://pair?server=https%3A%2F%2Fbell.example%3A8787&code=ABCD-EFGH')).toEqual({
    server: 'https://bell.example:8787',
    code: 'ABCD-EFGH',
  });
});

test('a link is found in a pasted message and unescaped ones are read too', () => {
  expect(parsePairLink(' 연결 링크:\ndeskbell://pair/?code=abcd&server=http://127.0.0.1:8787 \n')).toEqual({
    server: 'http://127.0.0.1:8787',
    code: 'ABCD',
  });
});

test.each([
  '',
  'ABCD-EFGH',
  'https://bell.example',
  'deskbell://pair?server=x',
  'deskbell://reservation/1?server=x&code=y',
])('no pairing link: %s', (text) => {
  expect(parsePairLink(text)).toBeNull();
});

test.each([
  ['  abcd efgh ', 'ABCDEFGH'],
  ['ａｂ１２', 'AB12'],
  ['ab-cd', 'AB-CD'],
])('a code is forgiven how it was typed: %j', (typed, code) => {
  expect(tidyCode(typed)).toBe(code);
});
