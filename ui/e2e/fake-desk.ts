/**
 * A desk that lives in the page: it answers the page's commands from one picture, remembers each wish, and tells of each
 * change, all over Tauri's own IPC mock. Bundled by `harness.ts` and started before the page's own script.
 */
import { emit } from '@tauri-apps/api/event';
import { mockIPC } from '@tauri-apps/api/mocks';
import type { InboxView, UserErrorView } from '../src/lib/ipc/bindings';

/** One command as the page sent it. */
export interface Wish {
  command: string;
  args: unknown;
}

export interface FakeDesk {
  wishes: Wish[];
  /** What wishes of these commands are answered; all others are granted. */
  refusals: Partial<Record<string, UserErrorView>>;
  /** What commands that ask for something are answered. */
  answers: Partial<Record<string, unknown>>;
  /** Commands that do not get through. */
  unreachable: string[];
  /** Changes the picture and tells the page, under the next revision unless `change` names one. */
  tell(change: Partial<InboxView>): Promise<void>;
}

declare global {
  interface Window {
    fakeDesk: FakeDesk;
    firstView: InboxView;
    unreachableFromTheStart?: string[];
  }
}

let view = window.firstView;

const desk: FakeDesk = {
  wishes: [],
  refusals: {},
  answers: {},
  unreachable: window.unreachableFromTheStart ?? [],
  tell: (change) => {
    view = { ...view, revision: view.revision + 1, ...change };
    return emit('inbox-view', view);
  },
};
window.fakeDesk = desk;

mockIPC(
  (command, args) => {
    if (desk.unreachable.includes(command)) throw new Error(`${command} does not get through`);
    if (command === 'screen') return view;
    desk.wishes.push({ command, args });
    const refusal = desk.refusals[command];
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a command's error arrives as plain data
    if (refusal) return Promise.reject(refusal);
    return desk.answers[command] ?? null;
  },
  { shouldMockEvents: true },
);
