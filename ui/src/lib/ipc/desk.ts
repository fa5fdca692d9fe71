/**
 * The desk, as the page sees it: the one module that knows there is a Tauri shell behind it.
 * The desk decides everything; the page shows its picture and passes wishes on.
 */
import { commands, events } from './bindings';
import type { InboxView, LanguageView, UserErrorView } from './bindings';

export type {
  AbilitiesView,
  ClaimView,
  HandledView,
  HistoryView,
  InboxView,
  LanguageView,
  LinkView,
  OpenedView,
  PlaceView,
  ReservationView,
  SettingsView,
  StatusCode,
  TransportView,
  UserErrorView,
} from './bindings';

/** What became of a wish to pair: `null`, or why not, in the user's language. */
export type PairRefusal = UserErrorView | null;

/** Everything the page can ask of the desk. A rejected promise means the wish did not reach it. */
export interface Desk {
  /** Calls `onView` with each new picture from now on; resolves once none can be missed. */
  listen(onView: (view: InboxView) => void): Promise<() => void>;
  /** The picture as it is. Ask after `listen`. */
  screen(): Promise<InboxView>;
  pair(server: string, code: string): Promise<PairRefusal>;
  openReservation(id: string): Promise<unknown>;
  closeReservation(): Promise<unknown>;
  setAutostart(on: boolean): Promise<unknown>;
  setLanguage(language: LanguageView): Promise<unknown>;
  /** 0 count only, 1 time, 2 masked name and time, 3 everything. */
  setToastDetail(detail: number): Promise<unknown>;
  testToast(): Promise<unknown>;
  signOut(): Promise<unknown>;
  /** The settings that the tray has asked for are no longer on the page. */
  closeSettings(): Promise<unknown>;
}

export const tauriDesk: Desk = {
  listen: (onView) =>
    events.inboxView.listen((event) => {
      onView(event.payload);
    }),
  screen: () => commands.screen(),
  pair: async (server, code) => {
    const answer = await commands.pair(server, code);
    return answer.status === 'ok' ? null : answer.error;
  },
  openReservation: (id) => commands.openReservation(id),
  closeReservation: () => commands.closeReservation(),
  setAutostart: (on) => commands.setAutostart(on),
  setLanguage: (language) => commands.setLanguage(language),
  setToastDetail: (detail) => commands.setToastDetail(detail),
  testToast: () => commands.testToast(),
  signOut: () => commands.signOut(),
  closeSettings: () => commands.closeSettings(),
};
