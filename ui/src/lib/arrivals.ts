import type { InboxView } from './ipc/desk';

/** The reservations of `next` that `previous` did not have. None when the day turned: then the lists changed, not the bookings. */
export function arrivals(previous: InboxView, next: InboxView): string[] {
  if (previous.today !== next.today || previous.place?.server !== next.place?.server) return [];
  const known = new Set([...previous.day, ...previous.otherDays].map(({ id }) => id));
  return [...next.day, ...next.otherDays]
    .filter(({ id, status }) => status === 'pending' && !known.has(id))
    .map(({ id }) => id);
}
