const STEPS: Record<string, (at: number, last: number, page: number) => number> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  PageDown: (at, last, page) => Math.min(at + page, last),
  PageUp: (at, _, page) => Math.max(at - page, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** Where in a list a key leads from row `at`; `null` for a key that leads nowhere. `page` rows are in sight. */
export function rowByKey(event: KeyboardEvent, at: number, last: number, page: number): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  return STEPS[event.key]?.(at, last, page) ?? null;
}
