// The commands and shapes of src-tauri/src/ipc.rs, in the layout of its type generator.
import { invoke as __TAURI_INVOKE } from '@tauri-apps/api/core';
import * as __TAURI_EVENT from '@tauri-apps/api/event';

/** Commands */
export const commands = {
  screen: () => __TAURI_INVOKE<InboxView>('screen'),
  pair: (server: string, code: string) => typedError<null, UserErrorView>(__TAURI_INVOKE('pair', { server, code })),
  openReservation: (id: string) => __TAURI_INVOKE<null>('open_reservation', { id }),
  closeReservation: () => __TAURI_INVOKE<null>('close_reservation'),
  setAutostart: (on: boolean) => __TAURI_INVOKE<null>('set_autostart', { on }),
  setLanguage: (language: LanguageView) => __TAURI_INVOKE<null>('set_language', { language }),
  setToastDetail: (detail: number) => __TAURI_INVOKE<null>('set_toast_detail', { detail }),
  testToast: () => __TAURI_INVOKE<null>('test_toast'),
  signOut: () => __TAURI_INVOKE<null>('sign_out'),
};

/** Events */
export const events = {
  inboxView: makeEvent<InboxView>('inbox-view'),
};

/* Types */
export type ClaimView = { desk: string; staff: string | null; until: string };

export type HandledView = { desk: string; staff: string | null; at: string };

export type HistoryByView = { kind: 'site' | 'desk' | 'system'; desk: string | null; staff: string | null };

export type HistoryView = {
  at: string;
  kind: 'created' | 'rescheduled' | 'status' | 'claimed' | 'released';
  from: string | null;
  to: string | null;
  by: HistoryByView;
};

export type InboxView = {
  revision: number;
  version: string;
  language: LanguageView;
  link: LinkView;
  place: PlaceView | null;
  today: string | null;
  day: ReservationView[];
  otherDays: ReservationView[];
  opened: OpenedView | null;
  settings: SettingsView;
  warnings: string[];
};

export type LanguageView = 'ko' | 'en';

export type LinkView = {
  state: 'unpaired' | 'connecting' | 'live' | 'offline' | 'refused';
  since: string | null;
  reason: string | null;
};

export type OpenedView = {
  id: string;
  reservation: ReservationView | null;
  history: HistoryView[] | null;
  failure: string | null;
};

export type PlaceView = { hospital: string; timezone: string; desk: string; server: string };

export type ReservationView = {
  id: string;
  version: number;
  relationship: string;
  name: string;
  phone: string;
  date: string;
  time: string;
  status: StatusCode;
  receivedAt: string;
  updatedAt: string;
  claim: ClaimView | null;
  handledBy: HandledView | null;
};

export type SettingsView = { autostart: boolean; toastDetail: number };

export type StatusCode =
  | 'pending'
  | 'booked'
  | 'arrived'
  | 'checked-in'
  | 'fulfilled'
  | 'cancelled'
  | 'noshow'
  | 'waitlist'
  | 'entered-in-error';

export type UserErrorView = { code: string; message: string };

/* Runtime */
async function typedError<T, E>(
  result: Promise<T>,
): Promise<{ status: 'ok'; data: T } | { status: 'error'; error: E }> {
  try {
    return { status: 'ok', data: await result };
  } catch (e) {
    if (e instanceof Error) throw e;
    return { status: 'error', error: e as E };
  }
}

function makeEvent<T>(name: string) {
  return { listen: (cb: __TAURI_EVENT.EventCallback<T>) => __TAURI_EVENT.listen<T>(name, cb) };
}
