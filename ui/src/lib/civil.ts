/** Calendar dates as `YYYY-MM-DD`, which belong to no zone. */

const DAY_MS = 86_400_000;

/** The date so many days later, or earlier. */
export function addDays(date: string, days: number): string {
  return new Date(utc(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The same day so many months later, or the last of a month that has fewer. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, last))).toISOString().slice(0, 10);
}

/** The weeks, from Sunday on, that hold the month of a date; days of its neighbours at both ends. */
export function weeksOf(date: string): string[][] {
  const first = `${date.slice(0, 8)}01`;
  const next = addMonths(first, 1);
  const weeks: string[][] = [];
  for (let day = addDays(first, -weekday(first)); day < next; day = addDays(day, 7)) {
    weeks.push(Array.from({ length: 7 }, (_, index) => addDays(day, index)));
  }
  return weeks;
}

/** 0 is Sunday. */
export function weekday(date: string): number {
  return new Date(utc(date)).getUTCDay();
}

function utc(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}
