import type { HistoryView, StatusCode, TransportView } from '../ipc/desk';

/** Everything the page says in one language. A sentence that needs a value is a function of it. */
export interface Words {
  /** BCP 47, for dates and for the page's `lang`. */
  locale: string;
  app: string;
  /** `minutes` is whole and not negative. */
  elapsed: (minutes: number) => string;
  status: Record<StatusCode, string>;
  start: { failed: string; again: string };
  link: {
    connecting: string;
    live: string;
    offline: (elapsed: string) => string;
    refused: string;
    connectingNote: string;
    offlineTitle: (elapsed: string, since: string) => string;
    offlineAdvice: string;
    /** Of a source that replays nothing; so is every text whose name ends like this. */
    offlineAdviceHeard: string;
    refusedTitle: string;
    refusedAdvice: string;
    pairAgain: string;
  };
  notices: { warnings: string; wishLost: string; dismiss: string };
  bar: { settings: string; toList: string };
  day: {
    title: string;
    count: (n: number) => string;
    pending: (n: number) => string;
    nonePending: string;
    otherDays: string;
    otherDaysHeard: string;
    toOtherDays: (n: number) => string;
    noOtherDays: string;
    noOtherDaysHeard: string;
    empty: string;
    emptyNote: string;
    emptyHeard: string;
    listening: (since: string) => string;
    loading: string;
    unknown: string;
    unknownNote: string;
    unknownHeard: string;
    unknownNoteHeard: string;
    isNew: string;
    arrived: (n: number) => string;
  };
  columns: { time: string; name: string; phone: string; relationship: string; status: string; by: string };
  claimedBy: (desk: string) => string;
  details: {
    title: string;
    close: string;
    name: string;
    phone: string;
    relationship: string;
    date: string;
    time: string;
    received: string;
    heard: string;
    claimed: string;
    claimedUntil: (who: string, until: string) => string;
    handled: string;
    nobody: string;
    history: string;
    noHistory: string;
    loading: string;
    failed: string;
    again: string;
    copyPhone: string;
    copied: string;
    copyFailed: string;
  };
  history: {
    kinds: Record<HistoryView['kind'], string>;
    by: { site: string; system: string; desk: string };
    /** Read aloud between the old and the new value. */
    to: string;
  };
  pair: {
    title: string;
    lead: string;
    server: string;
    serverHint: string;
    code: string;
    codeHint: string;
    linkHint: string;
    submit: string;
    busy: string;
    serverMissing: string;
    codeMissing: string;
    wishLost: string;
    cancel: string;
  };
  settings: {
    title: string;
    notifications: string;
    detail: string;
    detailNote: string;
    /** By level, 0 to 3. */
    levels: readonly [ToastLevel, ToastLevel, ToastLevel, ToastLevel];
    /** Stands before the hospital's name. */
    sampleTitle: string;
    preview: string;
    test: string;
    testNote: string;
    tested: string;
    startup: string;
    autostart: string;
    autostartNote: string;
    language: string;
    desk: string;
    hospital: string;
    deskName: string;
    server: string;
    transport: string;
    transports: Record<TransportView, string>;
    version: string;
    signOut: string;
    signOutNote: string;
    signOutAsk: (desk: string) => string;
    signOutConsequence: string;
    signOutYes: string;
    signOutNo: string;
  };
}

/** One level of toast detail: what it is called, when to choose it, and the text of such a toast, in the words the desk rings with. */
export interface ToastLevel {
  name: string;
  note: string;
  sample: string;
}
