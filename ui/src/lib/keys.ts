/** Does what a key asks for; `false` where it asks for nothing here. */
export type KeyHandler = (event: KeyboardEvent) => boolean;

/**
 * Who listens to single keys. A key is known by its place, not by what it writes: on a Korean keyboard, `T` writes ㅅ.
 * Nobody is asked while somebody writes, or while a dialog is open, which takes its own keys. Whoever speaks to the PC, or
 * strikes a key by accident, can do without those that write something (WCAG 2.1.4).
 */
export class Keys {
  readonly #letters: () => boolean;
  readonly #everywhere = new Set<KeyHandler>();
  readonly #atDetails = new Set<KeyHandler>();

  /** `letters` says whether keys that write something are keys at all. */
  constructor(letters: () => boolean) {
    this.#letters = letters;
  }

  /** Whether there are such keys; where there are none, none is shown. */
  get letters(): boolean {
    return this.#letters();
  }

  /** Asks `handler` at each key, until the returned function is called. */
  on(handler: KeyHandler): () => void {
    this.#everywhere.add(handler);
    return () => {
      this.#everywhere.delete(handler);
    };
  }

  /** The same, only while the focus is at the details of a reservation. */
  atDetails(handler: KeyHandler): () => void {
    this.#atDetails.add(handler);
    return () => {
      this.#atDetails.delete(handler);
    };
  }

  /** Asks around. */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.altKey || document.querySelector('dialog[open]')) return;
    if (event.key !== 'Escape' && isWriting(event.target)) return;
    if (isCharacter(event) && !this.letters) return;
    const atDetails = document.activeElement?.closest('aside') ? this.#atDetails : [];
    if ([...atDetails, ...this.#everywhere].some((handler) => handler(event))) event.preventDefault();
  }
}

/** Whether this is the key of `code` alone. */
export function isPlain(event: KeyboardEvent, code: string): boolean {
  return event.code === code && !event.ctrlKey && !event.metaKey && !event.shiftKey;
}

/** Whether this is the key of `code` with Ctrl, or Command on a Mac. */
export function isCommand(event: KeyboardEvent, code: string): boolean {
  return event.code === code && (event.ctrlKey || event.metaKey) && !event.shiftKey;
}

/** Whether the key alone, or with Shift, writes something. */
function isCharacter(event: KeyboardEvent): boolean {
  return /^(?:Key|Digit|Slash|Bracket)/.test(event.code) && !event.ctrlKey && !event.metaKey;
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=radio], [type=checkbox]), textarea, select');
}
