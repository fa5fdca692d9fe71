import { expect, test } from 'vitest';
import { addDays, addMonths, weeksOf, weekday } from './civil';

test('days go over the ends of months and years', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
});

test('a month later is the same day, or the last there is', () => {
  expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
  expect(addMonths('2026-11-22', 2)).toBe('2027-01-22');
  expect(addMonths('2026-03-31', -1)).toBe('2026-02-28');
});

test('a month is shown in whole weeks from Sunday on', () => {
  const weeks = weeksOf('2026-11-22');
  expect(weeks[0]?.[0]).toBe('2026-11-01');
  expect(weeks.at(-1)?.at(-1)).toBe('2026-12-05');
  expect(weeks.every((week) => week.length === 7 && weekday(week[0] ?? '') === 0)).toBe(true);
  expect(weeksOf('2026-12-25')[0]?.[0]).toBe('2026-11-29');
});
