import type { DoctorView, HistoryView, PauseView, SoundView, StatusCode, ThemeView, TransportView } from '../ipc/desk';

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
    /** The list on the screen is the one of then. */
    asOf: (when: string) => string;
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
    /** The day's list as one of the lists there are. */
    byTime: string;
    arrivals: string;
    lists: string;
    ofDate: (date: string) => string;
    now: (time: string) => string;
    unhandledFirst: string;
    /** Stands above those that wait for an answer, and above the others. */
    waiting: string;
    rest: string;
    receivedToday: string;
    more: string;
    print: string;
    export: string;
    board: string;
    emptyOf: (date: string) => string;
    emptyOfNote: string;
    fetching: string;
    /** Above a list of which only some could be had. */
    partly: (why: string) => string;
    notFetched: string;
    noArrivals: string;
    noArrivalsNote: string;
    arrived: (n: number) => string;
  };
  find: {
    search: string;
    placeholder: string;
    clear: string;
    byStatus: string;
    all: string;
    nothing: string;
    nothingNote: string;
    showAll: string;
    elsewhere: (n: number) => string;
  };
  calendar: {
    title: string;
    today: string;
    close: string;
    previousDay: string;
    nextDay: string;
    previousMonth: string;
    nextMonth: string;
  };
  columns: Record<'time' | 'received' | 'name' | 'phone' | 'relationship' | 'visit' | 'status' | 'by', string>;
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
  actions: {
    title: string;
    /** What a button says that takes a reservation to this status. */
    to: Record<StatusCode, string>;
    claim: string;
    release: string;
    refused: string;
    conflict: string;
    override: (action: string) => string;
    final: string;
    /** Takes the last change back, however long ago. */
    undo: (before: string) => string;
  };
  undo: { changed: (from: string, to: string) => string; take: string };
  staff: {
    title: string;
    name: string;
    note: string;
    who: string;
    is: (name: string) => string;
    cancel: string;
    save: string;
  };
  bell: {
    on: string;
    quiet: string;
    paused: (until: string) => string;
    resume: string;
    pauses: Record<Exclude<PauseView, 'over'>, string>;
  };
  print: {
    title: (date: string) => string;
    back: string;
    print: string;
    masked: string;
    maskedNote: string;
    openNote: string;
    reason: string;
    reasonNote: string;
    reasonMissing: string;
    /** What the access record is told, which knows of exports only. */
    noted: (reason: string) => string;
    narrowed: string;
    printed: (when: string) => string;
    maskedFoot: string;
  };
  export: {
    title: string;
    reason: string;
    reasonNote: string;
    reasonMissing: string;
    masked: string;
    maskedNote: string;
    openNote: string;
    wholeDay: string;
    saved: (file: string) => string;
    submit: string;
    cancel: string;
    close: string;
  };
  board: {
    pending: string;
    coming: string;
    here: string;
    done: string;
    none: string;
    beyond: (n: number) => string;
    leave: string;
  };
  keys: {
    title: string;
    everywhere: string;
    list: string;
    details: string;
    help: string;
    days: string;
    back: string;
    rows: string;
    pages: string;
    ends: string;
    open: string;
    /** Where single letters can be switched off; where they are. */
    lettersOn: string;
    lettersOff: string;
  };
  doctor: {
    title: string;
    note: string;
    look: string;
    again: string;
    looking: string;
    well: string;
    unwell: string;
    outcomes: Record<DoctorView['steps'][number]['outcome'], string>;
  };
  welcome: {
    title: string;
    lead: string;
    test: string;
    tested: string;
    seen: string;
    unseen: string;
    advice: string;
    again: string;
    settings: string;
    later: string;
  };
  offer: {
    title: string;
    server: string;
    replaces: (hospital: string) => string;
    note: string;
    yes: string;
    no: string;
  };
  own: {
    url: string;
    urlNote: string;
    urlMissing: string;
    namespace: string;
    event: string;
    timezone: string;
    timezoneNote: string;
    limits: string;
    more: string;
    auth: string;
    authNote: string;
    join: string;
    payload: string;
    payloadNote: string;
    submit: string;
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
    way: string;
    byCode: string;
    byOwn: string;
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
    quit: string;
    quitNote: string;
    look: string;
    language: string;
    theme: string;
    themes: Record<ThemeView, string>;
    letterKeys: string;
    letterKeysNote: string;
    sound: string;
    sounds: Record<SoundView, string>;
    volume: string;
    repeats: string;
    repeatsNote: string;
    quiet: {
      title: string;
      none: string;
      note: string;
      add: string;
      span: (n: number) => string;
      remove: (n: number) => string;
      from: string;
      to: string;
      nextDay: string;
    };
    recent: string;
    noRecent: string;
    rang: string;
    silent: string;
    openIt: string;
    managed: string;
    managedCeiling: string;
    managedConnection: Record<'servers' | 'proxy' | 'ca', string>;
    changeServer: string;
    changeServerNote: string;
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
