import type { ReservationView } from './ipc/desk';

/** Reservations that stand together in a list, under what they share. */
export interface Group {
  key: string;
  rows: ReservationView[];
}

/** The two ends of `10:30 ~ 11:00`. */
export function slotEnds(time: string): { start: string; end: string } {
  const [start = '', end = ''] = time.split('~').map((part) => part.trim());
  return { start, end };
}

/** One day's list: a group for each time at which something starts. */
export function byStart(reservations: readonly ReservationView[]): Group[] {
  return group(reservations, ({ time }) => slotEnds(time).start);
}

/** A list over several days: a group for each date. */
export function byDate(reservations: readonly ReservationView[]): Group[] {
  return group(reservations, ({ date }) => date);
}

function group(reservations: readonly ReservationView[], keyOf: (row: ReservationView) => string): Group[] {
  const groups = new Map<string, Group>();
  for (const row of reservations.toSorted(inOrder)) {
    const key = keyOf(row);
    const found = groups.get(key);
    if (found) found.rows.push(row);
    else groups.set(key, { key, rows: [row] });
  }
  return [...groups.values()];
}

/** Date and time as text sort as they should; who asked first stands first. */
function inOrder(a: ReservationView, b: ReservationView): number {
  return compare(a.date, b.date) || compare(a.time, b.time) || compare(a.receivedAt, b.receivedAt);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
