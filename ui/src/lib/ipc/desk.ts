/**
 * The desk, as the page sees it: the one module that knows there is a Tauri shell behind it.
 * The desk decides everything; the page shows its picture and passes wishes on.
 */
import { commands, events } from './bindings';
import type {
  DoctorView,
  InboxView,
  LanguageView,
  NotificationsView,
  OwnServerView,
  PauseView,
  StatusCode,
  ThemeView,
  UserErrorView,
} from './bindings';

export type {
  AbilitiesView,
  BellView,
  ClaimView,
  DoctorView,
  HandledView,
  HistoryView,
  InboxView,
  LanguageView,
  LinkView,
  ManagedView,
  NotificationsView,
  OpenedView,
  OwnServerView,
  PairOfferView,
  PauseView,
  PlaceView,
  QuietSpanView,
  ReservationView,
  SettingsView,
  SoundView,
  StatusCode,
  ThemeView,
  TransportView,
  UndoView,
  UserErrorView,
  VerdictView,
} from './bindings';

/** What became of a wish: `null`, or why it was not granted, in the user's language. */
export type Refusal = UserErrorView | null;

/** What became of an export: the file's name, `null` where no place was chosen; or why there is none. */
export type Exported = { file: string | null } | { refusal: UserErrorView };

/** Everything the page can ask of the desk. A rejected promise means the wish did not reach it. */
export interface Desk {
  /** Calls `onView` with each new picture from now on; resolves once none can be missed. */
  listen(onView: (view: InboxView) => void): Promise<() => void>;
  /** The picture as it is. Ask after `listen`. */
  screen(): Promise<InboxView>;
  pair(server: string, code: string): Promise<Refusal>;
  answerPairOffer(agreed: boolean): Promise<Refusal>;
  useOwnServer(server: OwnServerView): Promise<Refusal>;
  openReservation(id: string): Promise<unknown>;
  closeReservation(): Promise<unknown>;
  claim(id: string): Promise<Refusal>;
  release(id: string): Promise<Refusal>;
  /** `overrides`: also where another desk holds the claim. */
  setStatus(id: string, status: StatusCode, overrides: boolean): Promise<Refusal>;
  undo(id: string): Promise<Refusal>;
  setStaff(staff: string | null): Promise<unknown>;
  /** `YYYY-MM-DD`; `null` for today. */
  lookAt(date: string | null): Promise<unknown>;
  showArrivals(on: boolean): Promise<unknown>;
  exportDay(date: string, reason: string, masked: boolean): Promise<Exported>;
  setAutostart(on: boolean): Promise<unknown>;
  setLanguage(language: LanguageView): Promise<unknown>;
  setTheme(theme: ThemeView): Promise<unknown>;
  /** Whether single letters are keys. */
  setLetterKeys(on: boolean): Promise<unknown>;
  /** 0 count only, 1 time, 2 masked name and time, 3 everything. */
  setToastDetail(detail: number): Promise<unknown>;
  setNotifications(notifications: NotificationsView): Promise<unknown>;
  pause(length: PauseView): Promise<unknown>;
  testToast(): Promise<unknown>;
  /** `null` when the desk ends before it has looked. */
  doctor(): Promise<DoctorView | null>;
  /** Ends the app: no bell rings until it is started again. */
  quit(): Promise<unknown>;
  signOut(): Promise<unknown>;
  /** The settings that the tray has asked for are no longer on the page. */
  closeSettings(): Promise<unknown>;
  /** Has the server note that a day goes on paper in full, and why. */
  notePrint(date: string, reason: string): Promise<Refusal>;
  print(): Promise<unknown>;
  setFullscreen(on: boolean): Promise<unknown>;
}

type Answer<T> = { status: 'ok'; data: T } | { status: 'error'; error: UserErrorView };

async function refusal(asked: Promise<Answer<null>>): Promise<Refusal> {
  const answer = await asked;
  return answer.status === 'ok' ? null : answer.error;
}

export const tauriDesk: Desk = {
  listen: (onView) =>
    events.inboxView.listen((event) => {
      onView(event.payload);
    }),
  screen: () => commands.screen(),
  pair: (server, code) => refusal(commands.pair(server, code)),
  answerPairOffer: (agreed) => refusal(commands.answerPairOffer(agreed)),
  useOwnServer: (server) => refusal(commands.useOwnServer(server)),
  openReservation: (id) => commands.openReservation(id),
  closeReservation: () => commands.closeReservation(),
  claim: (id) => refusal(commands.claim(id)),
  release: (id) => refusal(commands.release(id)),
  setStatus: (id, status, overrides) => refusal(commands.setStatus(id, status, overrides)),
  undo: (id) => refusal(commands.undo(id)),
  setStaff: (staff) => commands.setStaff(staff),
  lookAt: (date) => commands.lookAt(date),
  showArrivals: (on) => commands.showArrivals(on),
  exportDay: async (date, reason, masked) => {
    const answer = await commands.exportDay(date, reason, masked);
    return answer.status === 'ok' ? { file: answer.data } : { refusal: answer.error };
  },
  setAutostart: (on) => commands.setAutostart(on),
  setLanguage: (language) => commands.setLanguage(language),
  setTheme: (theme) => commands.setTheme(theme),
  setLetterKeys: (on) => commands.setLetterKeys(on),
  setToastDetail: (detail) => commands.setToastDetail(detail),
  setNotifications: (notifications) => commands.setNotifications(notifications),
  pause: (length) => commands.pause(length),
  testToast: () => commands.testToast(),
  doctor: async () => {
    const answer = await commands.doctor();
    return answer.status === 'ok' ? answer.data : null;
  },
  quit: () => commands.quit(),
  signOut: () => commands.signOut(),
  closeSettings: () => commands.closeSettings(),
  notePrint: (date, reason) => refusal(commands.notePrint(date, reason)),
  print: () => commands.printPage(),
  setFullscreen: (on) => commands.setFullscreen(on),
};
