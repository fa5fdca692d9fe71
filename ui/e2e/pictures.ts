/** Pictures to show the page. The people are invented. */
import type {
  HistoryView,
  InboxView,
  OpenedView,
  QuietSpanView,
  ReservationView,
  SettingsView,
  StatusCode,
  VerdictView,
} from '../src/lib/ipc/desk';

export const today = '2026-11-22';
/** 10:30 in Seoul: the page's clock in every test that counts minutes. */
export const now = new Date('2026-11-22T01:30:00Z');

let made = 0;

export function reservation(change: Partial<ReservationView> = {}): ReservationView {
  made += 1;
  const { name = '김크리스', phone = '010-1111-1111' } = change;
  return {
    id: `0193e000-0000-7000-8000-${String(made).padStart(12, '0')}`,
    version: 1,
    relationship: '본인',
    name,
    phone,
    maskedName: name
      .split(' ')
      .map((word) => masked(word))
      .join(' '),
    maskedPhone: phone.replace(/\d{3,4}(?=-\d{4}$)/, (middle) => '*'.repeat(middle.length)),
    date: today,
    time: '10:30 ~ 11:00',
    status: 'pending',
    receivedAt: '2026-11-22T00:12:00Z',
    updatedAt: '2026-11-22T00:12:00Z',
    claim: null,
    handledBy: null,
    ...change,
  };
}

/** As the desk masks them; here only so that pictures look right. */
function masked(word: string): string {
  if (/^[a-z]/i.test(word)) return `${word[0] ?? ''}${'*'.repeat(word.length - 1)}`;
  return word.length < 3 ? `${word[0] ?? ''}*` : `${word[0] ?? ''}${'*'.repeat(word.length - 2)}${word.at(-1) ?? ''}`;
}

const NEXT: Record<StatusCode, StatusCode[]> = {
  pending: ['booked', 'cancelled', 'waitlist', 'entered-in-error'],
  waitlist: ['pending', 'booked', 'cancelled'],
  booked: ['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled', 'entered-in-error'],
  arrived: ['checked-in', 'fulfilled', 'noshow', 'cancelled'],
  'checked-in': ['fulfilled', 'cancelled'],
  fulfilled: [],
  noshow: [],
  cancelled: [],
  'entered-in-error': [],
};

/** Its details are open. */
export function openedOn(reservation: ReservationView, change: Partial<OpenedView> = {}): OpenedView {
  return {
    id: reservation.id,
    reservation,
    history: history(reservation),
    failure: null,
    next: NEXT[reservation.status],
    conflict: null,
    undo: null,
    ...change,
  };
}

/** Its details are asked for, and not there yet or never. */
export function openedBlind(id: string, failure: string | null = null): OpenedView {
  return { id, reservation: null, history: null, failure, next: [], conflict: null, undo: null };
}

export function settings(change: Partial<SettingsView> = {}): SettingsView {
  return {
    autostart: true,
    toastDetail: 2,
    theme: 'system',
    letterKeys: true,
    notifications: { sound: 'bell', volume: 70, repeats: true, quietHours: [] },
    ...change,
  };
}

const handled = { desk: '원무과 2번 창구', staff: '이서연', at: '2026-11-22T00:20:00Z' };

const rows: [time: string, name: string, phone: string, relationship: string, status: StatusCode][] = [
  ['09:00 ~ 09:30', '이산', '010-2222-3401', '본인', 'fulfilled'],
  ['09:00 ~ 09:30', '남궁민수', '010-8123-0042', '본인', 'noshow'],
  ['09:30 ~ 10:00', '박하늘', '010-3456-7788', '자녀', 'checked-in'],
  ['10:00 ~ 10:30', '최영희', '02-345-6789', '본인', 'arrived'],
  ['10:30 ~ 11:00', '김크리스', '010-1111-1111', '본인', 'pending'],
  ['10:30 ~ 11:00', '정우진', '010-7654-3210', '배우자', 'booked'],
  ['10:30 ~ 11:30', 'Chris Kim', '+82 10-9876-5432', '본인', 'cancelled'],
  ['11:00 ~ 11:30', '한서연', '031-987-6543', '부모', 'pending'],
  ['11:30 ~ 12:00', '오지훈', '010-4040-5050', '본인', 'waitlist'],
  ['14:00 ~ 14:30', '강도윤', '010-6060-7070', '자녀', 'booked'],
  ['14:00 ~ 14:30', '윤서아', '010-8080-9090', '본인', 'entered-in-error'],
];

export function aDay(): ReservationView[] {
  return rows.map(([time, name, phone, relationship, status]) =>
    reservation({
      time,
      name,
      phone,
      relationship,
      status,
      handledBy: status === 'pending' ? null : handled,
      claim:
        name === '한서연' ? { desk: '원무과 1번 창구', staff: null, until: '2026-11-22T01:34:00Z', mine: true } : null,
    }),
  );
}

export function otherDays(): ReservationView[] {
  return [
    reservation({ date: '2026-11-24', time: '09:00 ~ 09:30', name: '임하준', phone: '010-1212-3434' }),
    reservation({
      date: '2026-11-24',
      time: '15:30 ~ 16:00',
      name: '신유나',
      phone: '010-5656-7878',
      relationship: '자녀',
    }),
    reservation({ date: '2026-12-01', time: '10:00 ~ 10:30', name: '조은별', phone: '062-123-4567' }),
  ];
}

/** How it came to stand as it does: moved once by the website, and answered by whoever has answered it. */
export function history({ date, time, status, receivedAt, handledBy, claim }: ReservationView): HistoryView[] {
  const site = { kind: 'site', desk: null, staff: null } as const;
  const minutesLater = (minutes: number): string =>
    new Date(Date.parse(receivedAt) + minutes * 60_000).toISOString().replace('.000', '');
  const steps: HistoryView[] = [
    { at: receivedAt, kind: 'created', from: null, to: 'pending', by: site },
    { at: minutesLater(6), kind: 'rescheduled', from: `${date} 16:00 ~ 16:30`, to: `${date} ${time}`, by: site },
  ];
  if (claim) {
    const by = { kind: 'desk', desk: claim.desk, staff: claim.staff } as const;
    steps.push({ at: minutesLater(9), kind: 'claimed', from: null, to: null, by });
  }
  if (status !== 'pending') {
    const { desk, staff, at } = handledBy ?? handled;
    const by = { kind: 'desk', desk, staff } as const;
    const direct = NEXT.pending.includes(status);
    if (!direct) steps.push({ at: minutesLater(10), kind: 'status', from: 'pending', to: 'booked', by });
    steps.push({ at, kind: 'status', from: direct ? 'pending' : 'booked', to: status, by });
  }
  return steps;
}

/** A connected desk with a day as full as most; `change` makes it another. */
export function picture(change: Partial<InboxView> = {}): InboxView {
  return {
    revision: 1,
    version: '0.1.0',
    language: 'ko',
    abilities: { status: true, history: true, replay: true, pairing: true },
    link: { state: 'live', since: '2026-11-22T00:00:00Z', reason: null },
    place: {
      hospital: '빛고을 중앙병원',
      timezone: 'Asia/Seoul',
      desk: '원무과 1번 창구',
      server: 'https://bell.bitgoeul.example',
    },
    staff: null,
    pairOffer: null,
    transport: 'websocket',
    listeningSince: null,
    today,
    minutesAhead: 0,
    asOf: null,
    day: aDay(),
    otherDays: otherDays(),
    lookedAt: null,
    arrivals: null,
    opened: null,
    onSettings: false,
    undo: null,
    bell: { pausedUntil: null, quietNow: false, recent: [] },
    settings: settings(),
    managed: [],
    warnings: [],
    ...change,
  };
}

export function unpaired(change: Partial<InboxView> = {}): InboxView {
  return picture({
    link: { state: 'unpaired', since: null, reason: null },
    transport: null,
    place: null,
    today: null,
    day: [],
    otherDays: [],
    ...change,
  });
}

/** A desk that listens to a hospital's own Socket.IO server. */
export function listening(change: Partial<InboxView> = {}): InboxView {
  return picture({
    abilities: { status: false, history: false, replay: false, pairing: false },
    place: { hospital: null, timezone: 'Asia/Seoul', desk: null, server: 'https://booking.bitgoeul.example/' },
    listeningSince: '2026-11-21T23:40:00Z',
    day: aDay().map((row) => ({ ...row, status: 'pending', claim: null, handledBy: null })),
    ...change,
  });
}

export const offline = {
  state: 'offline',
  since: '2026-11-22T01:27:30Z',
  reason: '서버가 응답하지 않습니다. 네트워크를 확인해 주세요.',
} as const;

export const longName = '가나다라마바사아자차'.repeat(10);

/** A day of `count` reservations, several to a time. */
export function fullDay(count: number): ReservationView[] {
  return Array.from({ length: count }, (_, index) => {
    const minute = 8 * 60 + Math.floor(index / 10) * 15;
    const clock = (at: number): string =>
      `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    return reservation({ name: `환자${index + 1}`, time: `${clock(minute)} ~ ${clock(minute + 15)}` });
  });
}

/** A day as a clinic has it: three desks, some forty bookings. */
export function aBusyDay(): ReservationView[] {
  const names =
    '김크리스 이산 남궁민수 박하늘 최영희 정우진 한서연 오지훈 강도윤 윤서아 임하준 신유나 조은별 배주원 송지안 황시우 문채원 서이안 노다은 고은우'.split(
      ' ',
    );
  const staff = ['이서연', '박민준', null];
  return Array.from({ length: 38 }, (_, index) => {
    const minute = 9 * 60 + Math.floor(index / 3) * 30 + (index >= 15 ? 60 : 0);
    const clock = (at: number): string =>
      `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    const past = minute + 30 <= 10 * 60 + 30;
    const cycle: readonly StatusCode[] = past
      ? ['fulfilled', 'fulfilled', 'noshow', 'fulfilled', 'checked-in', 'arrived']
      : ['booked', 'pending', 'booked', 'booked', 'cancelled', 'booked', 'waitlist'];
    const status = cycle[index % cycle.length] ?? 'booked';
    const received = now.getTime() - (index + 1) * 1_260_000;
    return reservation({
      time: `${clock(minute)} ~ ${clock(minute + 30)}`,
      name: names[index % names.length] ?? '',
      phone: `010-${String(2000 + ((index * 733) % 7999))}-${String(1000 + ((index * 1777) % 8999))}`,
      relationship: ['본인', '본인', '자녀', '배우자', '부모'][index % 5] ?? '',
      status,
      receivedAt: new Date(received).toISOString(),
      handledBy:
        status === 'pending'
          ? null
          : {
              desk: '원무과 2번 창구',
              staff: staff[index % 3] ?? null,
              at: new Date(received + 720_000).toISOString(),
            },
      claim:
        index === 22 ? { desk: '원무과 2번 창구', staff: '박민준', until: '2026-11-22T01:34:00Z', mine: false } : null,
    });
  });
}

export function quietHours(): QuietSpanView[] {
  return [{ days: [1, 2, 3, 4, 5], from: '12:30', to: '13:30' }];
}

export function recent(id: string): VerdictView[] {
  return [
    { at: '2026-11-22T01:24:00Z', id, rang: true, sentence: '새 예약이라 울렸습니다.' },
    { at: '2026-11-22T01:11:00Z', id, rang: false, sentence: '이미 알린 예약이라 울리지 않았습니다.' },
    { at: '2026-11-22T00:40:00Z', id: null, rang: true, sentence: '그동안 예약 5건, 미처리 3건' },
  ];
}
