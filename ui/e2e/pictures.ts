/** Pictures to show the page. The people are invented. */
import type { HistoryView, InboxView, ReservationView, StatusCode } from '../src/lib/ipc/desk';

export const today = '2026-11-22';
/** 10:30 in Seoul: the page's clock in every test that counts minutes. */
export const now = new Date('2026-11-22T01:30:00Z');

let made = 0;

export function reservation(change: Partial<ReservationView> = {}): ReservationView {
  made += 1;
  return {
    id: `0193e000-0000-7000-8000-${String(made).padStart(12, '0')}`,
    version: 1,
    relationship: '본인',
    name: '김크리스',
    phone: '010-1111-1111',
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

const handledBy = { desk: '원무과 2번 창구', staff: '이서연', at: '2026-11-22T00:20:00Z' };

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
      handledBy: status === 'pending' ? null : handledBy,
      claim: name === '한서연' ? { desk: '원무과 1번 창구', staff: null, until: '2026-11-22T01:34:00Z' } : null,
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

export function history(): HistoryView[] {
  const site = { kind: 'site', desk: null, staff: null } as const;
  const desk = { kind: 'desk', desk: '원무과 2번 창구', staff: '이서연' } as const;
  return [
    { at: '2026-11-21T08:02:00Z', kind: 'created', from: null, to: 'pending', by: site },
    {
      at: '2026-11-21T23:58:00Z',
      kind: 'rescheduled',
      from: '2026-11-21 10:00 ~ 10:30',
      to: '2026-11-22 10:30 ~ 11:00',
      by: site,
    },
    { at: '2026-11-22T00:15:00Z', kind: 'claimed', from: null, to: null, by: desk },
    { at: '2026-11-22T00:20:00Z', kind: 'status', from: 'pending', to: 'booked', by: desk },
  ];
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
    transport: 'websocket',
    listeningSince: null,
    today,
    day: aDay(),
    otherDays: otherDays(),
    opened: null,
    onSettings: false,
    settings: { autostart: true, toastDetail: 2 },
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
  reason: '서버가 응답하지 않습니다.',
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
