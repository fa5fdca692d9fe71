/** The time of day that the page counts minutes with; coarse, so that an open window costs next to nothing. */
export class Clock {
  static readonly TICK_MS = 10_000;
  /** Milliseconds since 1970. */
  now = $state(0);

  constructor(now: number) {
    this.now = now;
  }

  /** Follows `read` until the returned function is called. */
  follow(read: () => number): () => void {
    const timer = setInterval(() => {
      this.now = read();
    }, Clock.TICK_MS);
    return () => {
      clearInterval(timer);
    };
  }
}
