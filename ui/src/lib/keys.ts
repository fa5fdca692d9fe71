/** Does what a key asks for; `false` where it asks for nothing here. */
export type KeyHandler = (event: KeyboardEvent) => boolean;

/**
 * Who listens to single keys. A key is known by its place, not by what it writes: on a Korean keyboard, `T` writes ㅅ.
 * Nobody is asked while somebody writes, or while a dialog is open, which takes its own keys.
 */
export class Keys {
  readonly #everywhere = new Set<KeyHandler>();
  readonly #atDetails = new Set<KeyHandler>();

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

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=radio], [type=checkbox]), textarea, select');
}
