import type { LanguageView } from './ipc/desk';
import { words } from './words';
import type { Words } from './words';

/** How the page speaks now: the words of one language, and dates as that language and the hospital's zone write them. */
export class Speech {
  readonly #language: () => LanguageView;
  readonly #timezone: () => string | undefined;
  readonly words: Words = $derived.by(() => words[this.#language()]);
  readonly #zone = $derived.by(() => knownZone(this.#timezone()));
  readonly #fullDate = $derived.by(() => this.#format({ dateStyle: 'full', timeZone: 'UTC' }));
  readonly #shortDate = $derived.by(() =>
    this.#format({ month: 'long', day: 'numeric', weekday: 'short', timeZone: 'UTC' }),
  );
  readonly #month = $derived.by(() => this.#format({ year: 'numeric', month: 'long', timeZone: 'UTC' }));
  readonly #weekday = $derived.by(() => this.#format({ weekday: 'short', timeZone: 'UTC' }));
  readonly #calendar = $derived.by(() => new Calendar(this.#zone));
  readonly #instantDate = $derived.by(() =>
    this.#format({ month: 'long', day: 'numeric', weekday: 'short', timeZone: this.#zone }),
  );
  readonly #instantClock = $derived.by(() =>
    this.#format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: this.#zone }),
  );

  /** `timezone` is the hospital's; without one, or with one the webview does not know, the PC's stands in. */
  constructor(language: () => LanguageView, timezone: () => string | undefined) {
    this.#language = language;
    this.#timezone = timezone;
  }

  #format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.words.locale, options);
  }

  /** A calendar date `YYYY-MM-DD` with year and weekday. */
  fullDate(date: string): string {
    return this.#fullDate.format(new Date(`${date}T00:00:00Z`));
  }

  /** A calendar date `YYYY-MM-DD` without the year. */
  shortDate(date: string): string {
    return this.#shortDate.format(new Date(`${date}T00:00:00Z`));
  }

  /** Year and month of a calendar date `YYYY-MM-DD`. */
  month(date: string): string {
    return this.#month.format(new Date(`${date}T00:00:00Z`));
  }

  /** The short weekday of a calendar date `YYYY-MM-DD`. */
  weekday(date: string): string {
    return this.#weekday.format(new Date(`${date}T00:00:00Z`));
  }

  /** The calendar date `YYYY-MM-DD` of an RFC 3339 instant, at the hospital. */
  dateOf(instant: string): string {
    return this.#calendar.dateOf(instant);
  }

  /** The time of day of an RFC 3339 instant, at the hospital. */
  clockTime(instant: string): string {
    return this.#instantClock.format(new Date(instant));
  }

  /** Date and time of day of an RFC 3339 instant, at the hospital. */
  dateTime(instant: string): string {
    return `${this.#instantDate.format(new Date(instant))} ${this.clockTime(instant)}`;
  }

  /** How long ago an RFC 3339 instant was, in whole minutes; `now` in milliseconds. A clock set back counts as no time. */
  elapsed(instant: string, now: number): string {
    return this.words.elapsed(Math.max(0, Math.floor((now - Date.parse(instant)) / 60_000)));
  }
}

/** Dates of instants in one zone. Asking for one is slow, so each quarter of an hour, by which zones differ, is asked once. */
class Calendar {
  readonly #format: Intl.DateTimeFormat;
  readonly #dates = new Map<number, string>();

  constructor(zone: string | undefined) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      timeZone: zone,
    });
  }

  dateOf(instant: string): string {
    const quarter = Math.floor(Date.parse(instant) / 900_000);
    const known = this.#dates.get(quarter);
    if (known !== undefined) return known;
    // By its parts: no locale writes a whole date the same way in every version of ICU.
    const parts = this.#format.formatToParts(new Date(quarter * 900_000));
    const part = (wanted: string): string => parts.find(({ type }) => type === wanted)?.value ?? '';
    const date = `${part('year')}-${part('month')}-${part('day')}`;
    this.#dates.set(quarter, date);
    return date;
  }
}

function knownZone(name: string | undefined): string | undefined {
  try {
    return new Intl.DateTimeFormat(undefined, { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
