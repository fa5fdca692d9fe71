/** Every view, in both languages and all themes: axe with contrast on, and nothing cut off at 200 % zoom. */
import { test } from './harness';
import {
  aDay,
  longName,
  now,
  offline,
  openedBlind,
  openedOn,
  picture,
  quietHours,
  recent,
  reservation,
  settings,
  unpaired,
} from './pictures';
import type { InboxView } from '../src/lib/ipc/desk';

const day = aDay();
const [shown] = day;
const opened = shown && openedOn(shown);
const long = reservation({ name: longName, relationship: longName.slice(0, 40), phone: '+82 (0)10-1111-11111' });

const views: Record<string, InboxView> = {
  day: picture({ day }),
  'long names': picture({ day: [long], otherDays: [long] }),
  'a long place': picture({
    day,
    staff: longName.slice(0, 40),
    place: {
      hospital: '학교법인 빛고을학원 빛고을대학교 부속 중앙병원 권역응급의료센터',
      timezone: 'Asia/Seoul',
      desk: '국제진료센터 외국인 전용 접수 데스크 3번 창구',
      server: 'https://reservations.internal.bitgoeul-central-hospital.example:8443',
    },
    bell: { pausedUntil: '2026-11-22T02:00:00Z', quietNow: false, recent: [] },
    link: offline,
  }),
  'nothing booked': picture({ day: [], otherDays: [] }),
  connecting: picture({
    day: [],
    otherDays: [],
    today: null,
    link: { state: 'connecting', since: now.toISOString(), reason: null },
  }),
  offline: picture({ day, link: offline, warnings: ['알림을 보여 줄 수 없습니다.'] }),
  refused: picture({ day, link: { state: 'refused', since: null, reason: '이 데스크의 연결이 해제되었습니다.' } }),
  details: picture({ day, opened: opened ?? null }),
  'details of a long name': picture({
    opened: openedOn(long),
  }),
  'details that fail': picture({
    opened: openedBlind(long.id, '서버가 응답하지 않습니다.'),
  }),
  'details of what somebody else took': picture({
    day,
    opened: shown ? openedOn(shown, { conflict: '원무과 2번 창구에서 먼저 처리했습니다.' }) : null,
  }),
  'another day': picture({ lookedAt: { date: '2026-11-24', reservations: [], state: 'ready', failure: null } }),
  'the list of before': picture({ day, link: offline, asOf: '2026-11-22T01:27:30Z' }),
  pairing: unpaired(),
  'an offer to pair': picture({ pairOffer: { server: 'https://bell.example/', replaces: '빛고을 중앙병원' } }),
  settings: picture({
    managed: ['servers', 'toast-detail', 'quiet-hours', 'autostart', 'proxy', 'ca'],
    settings: settings({ notifications: { sound: 'chime', volume: 40, repeats: true, quietHours: quietHours() } }),
    bell: { pausedUntil: '2026-11-22T02:00:00Z', quietNow: true, recent: recent('x') },
  }),
};

for (const [name, view] of Object.entries(views)) {
  for (const language of ['ko', 'en'] as const) {
    for (const theme of ['light', 'dark', 'contrast'] as const) {
      test(`${name} · ${language} · ${theme}`, async ({ desk, page }) => {
        await page.clock.setFixedTime(now);
        await page.emulateMedia({ reducedMotion: 'reduce' });
        await desk.open({ ...view, language, settings: { ...view.settings, theme } });
        if (name === 'settings')
          await page.getByRole('button', { name: language === 'ko' ? '설정' : 'Settings' }).click();
        await desk.expectAccessible();
        await desk.expectNothingCutOff();
        // A window of 1280 at 200 % zoom.
        await page.setViewportSize({ width: 640, height: 400 });
        await desk.expectNothingCutOff();
      });
    }
  }
}
