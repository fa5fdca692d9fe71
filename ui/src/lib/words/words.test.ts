import { expect, test } from 'vitest';
import { words } from '.';

/** Every text of a dictionary, by its path; functions are asked with sample values. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String((value as (...args: unknown[]) => unknown)(3, '10:21'))]];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

test.each(['ko', 'en'] as const)('%s says something everywhere', (language) => {
  expect(texts(words[language]).filter(([, text]) => text.trim() === '')).toEqual([]);
});

test('a status is led to by the particle it takes', () => {
  expect(words.ko.undo.changed('예약신청', '예약확정')).toContain('예약확정으로');
  expect(words.ko.undo.changed('예약확정', '완료')).toContain('완료로');
});

test('Korean is Korean throughout, and English speaks Korean only in sample names', () => {
  const hangul = /\p{Script=Hangul}/u;
  const foreign = ['.locale', '.settings.transports.websocket'];
  expect(
    texts(words.ko)
      .filter(([path, text]) => !foreign.includes(path) && !hangul.test(text))
      .map(([path]) => path),
  ).toEqual([]);
  expect(
    texts(words.en)
      .filter(([path, text]) => !path.startsWith('.settings.levels') && hangul.test(text))
      .map(([path]) => path),
  ).toEqual([]);
});
