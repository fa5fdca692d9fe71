import { describe, expect, test } from 'vitest';
import { fullDay, reservation } from '../../e2e/pictures';
import { byStart, unhandledFirst } from './groups';
import { held, layOut, linesOf, within } from './lines';

const untitled = (): null => null;
const heights = { row: 50, title: 30, now: 20 };
const nine = reservation({ time: '09:00 ~ 09:30' });
const ten = [reservation({ time: '10:00 ~ 10:30' }), reservation({ time: '10:00 ~ 10:30' })];
const groups = byStart([nine, ...ten]);

describe('the lines of a day', () => {
  const kinds = (now: string | null): string[] => linesOf(groups, untitled, now).map(({ kind }) => kind);

  test('have the time of day between what has begun and what has not', () => {
    expect(kinds('09:59')).toEqual(['row', 'now', 'row', 'row']);
    expect(kinds('10:00')).toEqual(['row', 'row', 'row', 'now']);
    expect(kinds('08:00')).toEqual(['now', 'row', 'row', 'row']);
    expect(kinds(null)).toEqual(['row', 'row', 'row']);
  });

  test('do not take what waits for an answer for a time of day', () => {
    const lines = linesOf(unhandledFirst([nine, { ...nine, id: 'b', status: 'booked' }]), untitled, '09:30');
    expect(lines.map(({ kind }) => kind)).toEqual(['row', 'row', 'now']);
  });

  test('lead where a group begins, and have titles where wanted', () => {
    const lines = linesOf(groups, (group) => group, null);
    expect(lines.map(({ kind }) => kind)).toEqual(['title', 'row', 'title', 'row', 'row']);
    expect(lines.flatMap((line) => (line.kind === 'row' ? [line.leads] : []))).toEqual([true, true, false]);
  });
});

test('what is in sight is found by place', () => {
  const layout = layOut(
    linesOf(groups, (group) => group, null),
    heights,
  );
  expect(layout.tops).toEqual([0, 30, 80, 110, 160, 210]);
  expect(within(layout, 0, 30)).toEqual([0, 2]);
  expect(within(layout, 79, 80)).toEqual([1, 3]);
  expect(within(layout, 500, 900)).toEqual([5, 5]);
  expect(within(layOut([], heights), 0, 100)).toEqual([0, 0]);
});

describe('what is read stays in its place', () => {
  const day = fullDay(100);
  const layoutOf = (rows: typeof day) => layOut(linesOf(byStart(rows), untitled, null), heights);
  const before = layoutOf(day);

  test('when rows come in above', () => {
    const next = layoutOf([reservation({ time: '08:00 ~ 08:15' }), ...day]);
    expect(held(before, next, 1_010)).toBe(1_060);
  });

  test('when the very row leaves', () => {
    const next = layoutOf(day.filter((_, index) => index !== 20));
    expect(held(before, next, 1_010)).toBe(960);
  });

  test('at the top: what comes first is seen', () => {
    expect(held(before, layoutOf([reservation({ time: '08:00 ~ 08:15' }), ...day]), 0)).toBe(0);
  });

  test('when nothing of it is left', () => {
    expect(held(before, layoutOf([]), 1_010)).toBe(1_010);
  });
});
