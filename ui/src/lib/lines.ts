import { UNHANDLED } from './groups';
import type { Group } from './groups';
import type { ReservationView } from './ipc/desk';

/** What stands in one line of a list. */
export type Line =
  | { kind: 'title'; key: string; group: string; title: string }
  | { kind: 'now'; key: 'now'; group: string }
  | { kind: 'row'; key: string; group: string; reservation: ReservationView; leads: boolean };

/** How tall each kind of line is, in pixels. */
export type Heights = Record<Line['kind'], number>;

/** Lines with their places, from the list's beginning: `tops` has one more than `lines`, the end of the last. */
export interface Layout {
  lines: readonly Line[];
  tops: readonly number[];
}

/**
 * The lines of grouped reservations: before each group its title, if it has one, and between what has begun and what has
 * not the line that says what time it is; `now` as `HH:MM`, or `null` where the list is not about today.
 */
export function linesOf(
  groups: readonly Group[],
  titleOf: (group: string) => string | null,
  now: string | null,
): Line[] {
  const lines: Line[] = [];
  let isPast = now !== null;
  const sayNow = (group: string): void => {
    lines.push({ kind: 'now', key: 'now', group });
    isPast = false;
  };
  for (const { key: group, rows } of groups) {
    if (isPast && now !== null && group !== UNHANDLED && group > now) sayNow(group);
    const title = titleOf(group);
    if (title !== null) lines.push({ kind: 'title', key: `title ${group}`, group, title });
    rows.forEach((reservation, index) => {
      lines.push({ kind: 'row', key: reservation.id, group, reservation, leads: index === 0 });
    });
  }
  if (isPast) sayNow('');
  return lines;
}

export function layOut(lines: readonly Line[], heights: Heights): Layout {
  const tops = [0];
  let top = 0;
  for (const { kind } of lines) tops.push((top += heights[kind]));
  return { lines, tops };
}

/** The lines that lie, even in part, between `from` and `to`: the first, and the one after the last. */
export function within({ lines, tops }: Layout, from: number, to: number): [first: number, end: number] {
  const first = Math.max(0, search(tops, from) - 1);
  return [first, Math.min(lines.length, Math.max(first, search(tops, to)))];
}

/** How many of these ascending places are not beyond `place`. */
function search(tops: readonly number[], place: number): number {
  let [low, high] = [0, tops.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tops[middle] ?? Infinity) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * How far a list must be scrolled once it has become `next`, so that what is read in it stays where it is: the first
 * line in sight that is there before and after. A list at its top stays at its top.
 */
export function held(before: Layout, next: Layout, scrolled: number): number {
  if (scrolled <= 0) return 0;
  const places = new Map(next.lines.map(({ key }, index) => [key, next.tops[index] ?? 0]));
  const [first] = within(before, scrolled, scrolled);
  for (let index = first; index < before.lines.length; index += 1) {
    const line = before.lines[index];
    const place = line?.kind === 'row' ? places.get(line.key) : undefined;
    if (place !== undefined) return Math.max(0, place + scrolled - (before.tops[index] ?? 0));
  }
  return scrolled;
}
