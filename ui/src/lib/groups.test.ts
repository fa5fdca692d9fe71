import { expect, test } from 'vitest';
import { reservation } from '../../e2e/pictures';
import { UNHANDLED, byArrival, byDate, byStart, slotEnds, unhandledFirst } from './groups';

test('a slot has two ends', () => {
  expect(slotEnds('10:30 ~ 11:00')).toEqual({ start: '10:30', end: '11:00' });
});

test('a day is grouped by start, in the order of time, then of asking', () => {
  const late = reservation({ time: '14:00 ~ 14:30' });
  const second = reservation({ time: '09:00 ~ 09:30', receivedAt: '2026-11-21T02:00:00Z' });
  const first = reservation({ time: '09:00 ~ 09:30', receivedAt: '2026-11-21T01:00:00Z' });
  const longer = reservation({ time: '09:00 ~ 10:00', receivedAt: '2026-11-20T01:00:00Z' });
  expect(byStart([late, second, longer, first])).toEqual([
    { key: '09:00', rows: [first, second, longer] },
    { key: '14:00', rows: [late] },
  ]);
});

test('several days are grouped by date', () => {
  const later = reservation({ date: '2026-12-01' });
  const sooner = reservation({ date: '2026-11-24' });
  expect(byDate([later, sooner]).map(({ key }) => key)).toEqual(['2026-11-24', '2026-12-01']);
});

test('what came in is grouped by the day on which it did, newest first', () => {
  const early = reservation({ receivedAt: '2026-11-21T16:00:00Z' });
  const late = reservation({ receivedAt: '2026-11-22T00:30:00Z', date: '2026-12-24' });
  expect(byArrival([early, late], (instant) => instant.slice(0, 10))).toEqual([
    { key: '2026-11-22', rows: [late] },
    { key: '2026-11-21', rows: [early] },
  ]);
});

test('within a second the fraction tells which came first', () => {
  const rows = ['45Z', '45.03Z', '45.039Z', '45.1Z'].map((seconds) =>
    reservation({ receivedAt: `2026-11-21T16:00:${seconds}` }),
  );
  expect(byArrival(rows, () => 'a day')[0]?.rows).toEqual(rows.toReversed());
});

test('what waits for an answer stands first, the newest of it before all', () => {
  const booked = reservation({ time: '09:00 ~ 09:30', status: 'booked' });
  const older = reservation({ time: '14:00 ~ 14:30', receivedAt: '2026-11-21T01:00:00Z' });
  const newer = reservation({ time: '15:00 ~ 15:30', receivedAt: '2026-11-21T02:00:00Z' });
  expect(unhandledFirst([booked, older, newer])).toEqual([
    { key: UNHANDLED, rows: [newer, older] },
    { key: '09:00', rows: [booked] },
  ]);
  expect(unhandledFirst([booked])).toEqual([{ key: '09:00', rows: [booked] }]);
});
