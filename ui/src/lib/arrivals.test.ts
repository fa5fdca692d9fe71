import { expect, test } from 'vitest';
import { picture, reservation } from '../../e2e/pictures';
import { arrivals } from './arrivals';

const known = reservation();
const before = picture({ day: [known], otherDays: [] });

test('a request that was not there has arrived, on whatever day', () => {
  const today = reservation();
  const another = reservation({ date: '2026-11-30' });
  expect(arrivals(before, { ...before, day: [known, today], otherDays: [another] })).toEqual([today.id, another.id]);
});

test('a change of what was there is no arrival', () => {
  expect(arrivals(before, { ...before, day: [{ ...known, status: 'booked' }] })).toEqual([]);
});

test('one that moved from another day into this one is no arrival', () => {
  const moved = { ...before, day: [], otherDays: [known] };
  expect(arrivals(moved, before)).toEqual([]);
});

test('what colleagues already handled is no arrival', () => {
  expect(arrivals(before, { ...before, day: [known, reservation({ status: 'booked' })] })).toEqual([]);
});

test('nothing arrives because the day turned', () => {
  expect(arrivals(before, { ...before, today: '2026-11-23', day: [reservation()] })).toEqual([]);
});
