import type { ReservationView } from './ipc/desk';

/** Reservations that stand together in a list, under what they share. */
export interface Group {
  key: string;
  rows: ReservationView[];
}

/** The group of those that nobody has answered yet. */
export const UNHANDLED = 'unhandled';

/** The two ends of `10:30 ~ 11:00`. */
export function slotEnds(time: string): { start: string; end: string } {
  const [start = '', end = ''] = time.split('~').map((part) => part.trim());
  return { start, end };
}

/** One day's list: a group for each time at which something starts. */
export function byStart(reservations: readonly ReservationView[]): Group[] {
  return group(reservations.toSorted(inOrder), startOf);
}

/** A list over several days: a group for each date. */
export function byDate(reservations: readonly ReservationView[]): Group[] {
  return group(reservations.toSorted(inOrder), ({ date }) => date);
}

/** What came in, newest first: a group for each date on which it did, as `dateOf` an instant tells it. */
export function byArrival(reservations: readonly ReservationView[], dateOf: (instant: string) => string): Group[] {
  const newestFirst = reservations.toSorted((a, b) => compareInstants(b.receivedAt, a.receivedAt));
  return group(newestFirst, ({ receivedAt }) => dateOf(receivedAt));
}

/** One day's list, before it those that wait for an answer, the newest first. */
export function unhandledFirst(reservations: readonly ReservationView[]): Group[] {
  const waits = ({ status }: ReservationView): boolean => status === 'pending';
  const waiting = reservations.filter(waits).toSorted((a, b) => compareInstants(b.receivedAt, a.receivedAt));
  const rest = byStart(reservations.filter((row) => !waits(row)));
  return waiting.length > 0 ? [{ key: UNHANDLED, rows: waiting }, ...rest] : rest;
}

function startOf({ time }: ReservationView): string {
  return time.slice(0, 5);
}

function group(sorted: readonly ReservationView[], keyOf: (row: ReservationView) => string): Group[] {
  const groups = new Map<string, Group>();
  for (const row of sorted) {
    const key = keyOf(row);
    const found = groups.get(key);
    if (found) found.rows.push(row);
    else groups.set(key, { key, rows: [row] });
  }
  return [...groups.values()];
}

/** Date and time as text sort as they should; who asked first stands first. */
function inOrder(a: ReservationView, b: ReservationView): number {
  return compare(a.date, b.date) || compare(a.time, b.time) || compareInstants(a.receivedAt, b.receivedAt);
}

/** As text, but for the `Z` behind: the desk leaves out a fraction's last noughts, and `.03Z` is before `.039Z`. */
function compareInstants(a: string, b: string): number {
  return compare(a.slice(0, -1), b.slice(0, -1));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
