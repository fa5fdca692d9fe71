import { expect, test } from 'vitest';
import { reservation } from '../../e2e/pictures';
import { finder } from './find';

const found = (typed: string, name: string, phone = '010-1111-2222'): boolean | undefined =>
  finder(typed)?.(reservation({ name, phone }));

test('nothing typed looks for nothing', () => {
  expect(finder('  ')).toBeNull();
});

test.each([
  ['김크', '김크리스'],
  ['크리', '김크리스'],
  ['ㄱㅋㄹ', '김크리스'],
  ['ㅋㄹ', '김크리스'],
  ['김ㅋ', '김크리스'],
  ['ㄱ크', '김크리스'],
  ['ㄲ', '꽃님이'],
  ['남궁 민', '남궁민수'],
  ['chris k', 'Chris Kim'],
  ['ｃｈｒｉｓ', 'Chris Kim'],
])('%s finds %s', (typed, name) => {
  expect(found(typed, name)).toBe(true);
});

test.each([
  ['기', '김크리스'],
  ['잇', '이산'],
  ['갉', '갈기순'],
  ['김', '김크리스'],
  ['하느', '박하늘'],
])('%s, still being typed, finds %s', (typed, name) => {
  expect(found(typed, name)).toBe(true);
});

test.each([
  ['ㄱㄹ', '김크리스'],
  ['김수', '김철수'],
  ['기철', '김철수'],
  ['ㄱ', '꽃님이'],
  ['가', '김철수'],
  ['ㅏ', '김철수'],
])('%s does not find %s', (typed, name) => {
  expect(found(typed, name)).toBe(false);
});

test.each([
  ['2', '010-1111-2222', true],
  ['2222', '010-1111-2222', true],
  ['1111', '010-1111-2222', false],
  ['1111-2222', '010-1111-2222', true],
  ['01011112222', '010-1111-2222', true],
  ['6789', '+82 2-345-6789', true],
  ['010', '010-1111-2222', false],
])('the phone: %s in %s is %s', (typed, phone, is) => {
  expect(found(typed, '김철수', phone)).toBe(is);
});
