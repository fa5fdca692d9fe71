import type { StatusCode } from './ipc/desk';

/** The key that takes a reservation to a status, where the focus is at that reservation; with Shift where it ends there. */
export const STATUS_KEYS: Record<StatusCode, { code: string; shift: boolean; shown: string }> = {
  booked: { code: 'KeyC', shift: false, shown: 'C' },
  arrived: { code: 'KeyA', shift: false, shown: 'A' },
  'checked-in': { code: 'KeyI', shift: false, shown: 'I' },
  fulfilled: { code: 'KeyD', shift: false, shown: 'D' },
  waitlist: { code: 'KeyW', shift: false, shown: 'W' },
  pending: { code: 'KeyR', shift: false, shown: 'R' },
  noshow: { code: 'KeyN', shift: true, shown: '⇧N' },
  cancelled: { code: 'KeyX', shift: true, shown: '⇧X' },
  'entered-in-error': { code: 'KeyE', shift: true, shown: '⇧E' },
};

/** Claims it, or lets it go. */
export const CLAIM_KEY = 'KeyM';
/** Takes one's last change back. */
export const UNDO_KEY = 'KeyZ';
/** Copies the phone. */
export const COPY_KEY = 'KeyP';

/** The steps of an ordinary visit, of which the next is the one that is wanted most. */
const VISIT: readonly StatusCode[] = ['booked', 'arrived', 'checked-in', 'fulfilled'];

/** What may come next, the most ordinary first; what ends it otherwise stands last. */
export function inOrderOfUse(next: readonly StatusCode[]): { main: StatusCode | undefined; others: StatusCode[] } {
  const main = VISIT.find((status) => next.includes(status));
  const ORDER: readonly StatusCode[] = [...VISIT, 'pending', 'waitlist', 'noshow', 'cancelled', 'entered-in-error'];
  return { main, others: ORDER.filter((status) => status !== main && next.includes(status)) };
}

/** The status that a key asks for, among those there may be. */
export function statusByKey(event: KeyboardEvent, next: readonly StatusCode[]): StatusCode | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  return next.find((status) => {
    const { code, shift } = STATUS_KEYS[status];
    return code === event.code && shift === event.shiftKey;
  });
}
