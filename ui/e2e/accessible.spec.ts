/** Every view, in both languages and both themes: axe with contrast on, and nothing cut off at 640 pixels. */
import { test } from './harness';
import { aDay, history, longName, now, offline, picture, reservation, unpaired } from './pictures';
import type { InboxView } from '../src/lib/ipc/desk';

const day = aDay();
const [shown] = day;
const opened = shown && { id: shown.id, reservation: shown, history: history(), failure: null };
const long = reservation({ name: longName, relationship: longName.slice(0, 40), phone: '+82 (0)10-1111-11111' });

const views: Record<string, InboxView> = {
  day: picture({ day }),
  'long names': picture({ day: [long], otherDays: [long] }),
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
    opened: { id: long.id, reservation: long, history: history(), failure: null },
  }),
  'details that fail': picture({
    opened: { id: long.id, reservation: null, history: null, failure: '서버가 응답하지 않습니다.' },
  }),
  pairing: unpaired(),
  settings: picture(),
};

for (const [name, view] of Object.entries(views)) {
  for (const language of ['ko', 'en'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`${name} · ${language} · ${colorScheme}`, async ({ desk, page }) => {
        await page.clock.setFixedTime(now);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await desk.open({ ...view, language });
        if (name === 'settings')
          await page.getByRole('button', { name: language === 'ko' ? '설정' : 'Settings' }).click();
        await desk.expectAccessible();
        await desk.expectNothingCutOff();
        await page.setViewportSize({ width: 640, height: 700 });
        await desk.expectNothingCutOff();
      });
    }
  }
}
