import type { Desk, InboxView, Refusal } from './ipc/desk';
import type { Clock } from './clock.svelte';
import { arrivals } from './arrivals';

/** The picture the desk last sent, and the page's way to pass wishes on. */
export class Inbox {
  /** How long a new row stays marked. */
  static readonly FRESH_MS = 60_000;

  readonly desk: Desk;
  readonly #clock: Clock;
  #view = $state.raw<InboxView | null>(null);
  #arrivedAt = $state.raw<ReadonlyMap<string, number>>(new Map());
  #loaded = false;
  /** A wish did not reach the desk. */
  wishLost = $state(false);

  constructor(desk: Desk, clock: Clock) {
    this.desk = desk;
    this.#clock = clock;
  }

  /** The newest picture, or `null` before the first. */
  get view(): InboxView | null {
    return this.#view;
  }

  /** What time it is at the hospital, RFC 3339: by the server's clock, where the PC's is wrong. */
  get hospitalTime(): string {
    return new Date(this.#clock.now + (this.#view?.minutesAhead ?? 0) * 60_000).toISOString();
  }

  /** Rows that came in while someone was looking, for a minute or until they are opened. */
  readonly fresh: ReadonlySet<string> = $derived.by(() => {
    const fresh = new Set<string>();
    for (const [id, at] of this.#arrivedAt) {
      if (this.#clock.now - at < Inbox.FRESH_MS && id !== this.#view?.opened?.id) fresh.add(id);
    }
    return fresh;
  });

  /** Listens, then asks: whatever changes in between is heard, and the older of the two pictures is ignored. */
  async follow(): Promise<() => void> {
    const stop = await this.desk.listen((view) => {
      this.receive(view);
    });
    this.receive(await this.desk.screen());
    return stop;
  }

  /** Takes a picture unless it is older than the one shown. */
  receive(view: InboxView): void {
    if (this.#view && view.revision <= this.#view.revision) return;
    if (this.#view && this.#loaded) this.#mark(arrivals(this.#view, view), view.opened?.id);
    // The list that comes with the first connection was there before us: nothing in it has just arrived.
    this.#loaded ||= view.link.state === 'live';
    this.#view = view;
  }

  #mark(ids: readonly string[], opened: string | undefined): void {
    const kept = [...this.#arrivedAt].filter(([id, at]) => this.#clock.now - at < Inbox.FRESH_MS && id !== opened);
    if (ids.length === 0 && kept.length === this.#arrivedAt.size) return;
    this.#arrivedAt = new Map([...kept, ...ids.map((id) => [id, this.#clock.now] as const)]);
  }

  /** Passes a wish on; should it not get through, the page says so. */
  async send(wish: Promise<unknown>): Promise<boolean> {
    try {
      await wish;
      this.wishLost = false;
      return true;
    } catch {
      this.wishLost = true;
      return false;
    }
  }

  open(id: string): void {
    void this.send(this.desk.openReservation(id));
  }

  close(): void {
    void this.send(this.desk.closeReservation());
  }

  pair(server: string, code: string): Promise<Refusal> {
    return this.desk.pair(server, code);
  }
}
