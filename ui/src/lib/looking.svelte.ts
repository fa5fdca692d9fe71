import { finder } from './find';
import type { ReservationView, StatusCode } from './ipc/desk';

/** The lists there are: one day by time, requests for other days, what came in. */
export type Tab = 'day' | 'others' | 'arrivals';

/** What somebody at the window looks for; the desk knows nothing of it. */
export class Looking {
  tab = $state<Tab>('day');
  /** As typed into the search. */
  typed = $state('');
  /** None: all are shown. */
  statuses = $state.raw<ReadonlySet<StatusCode>>(new Set());
  /** What waits for an answer stands before the rest of the day. */
  unhandledFirst = $state(false);
  readonly #finder = $derived(finder(this.typed));

  /** Whether anything is left out of the lists. */
  get narrows(): boolean {
    return this.#finder !== null || this.statuses.size > 0;
  }

  /** Those that are searched for, of whatever status. */
  find(rows: readonly ReservationView[]): readonly ReservationView[] {
    return this.#finder ? rows.filter(this.#finder) : rows;
  }

  /** Those of the chosen statuses. */
  choose(rows: readonly ReservationView[]): readonly ReservationView[] {
    return this.statuses.size > 0 ? rows.filter(({ status }) => this.statuses.has(status)) : rows;
  }

  /** Shows everything again. */
  clear(): void {
    this.typed = '';
    this.statuses = new Set();
  }
}
