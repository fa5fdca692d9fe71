/** The pictures of docs/screens: each view, in both languages and both themes. */
import { fileURLToPath } from 'node:url';
import { test } from './harness';
import type { DeskPage } from './harness';
import {
  aBusyDay,
  now,
  offline,
  openedOn,
  otherDays,
  picture,
  quietHours,
  recent,
  settings,
  unpaired,
} from './pictures';
import type { InboxView } from '../src/lib/ipc/desk';

const folder = fileURLToPath(new URL('../../docs/screens/', import.meta.url));

interface Shot {
  name: string;
  size: [width: number, height: number];
  view: InboxView;
  /** What is pressed before the picture is taken; `ko` and `en` name a button. */
  then?: (desk: DeskPage, say: (ko: string, en: string) => string) => Promise<void>;
}

const day = aBusyDay();
const [asked] = day.filter(({ status }) => status === 'pending');
if (!asked) throw new Error('nobody asks for anything');
const busy = picture({ day, staff: '이서연' });
const press = async (desk: DeskPage, name: string): Promise<void> => {
  await desk.page.getByRole('button', { name, exact: true }).click();
};

const shots: Shot[] = [
  { name: 'list', size: [1024, 700], view: busy },
  { name: 'list', size: [1440, 900], view: busy },
  { name: 'details', size: [1024, 700], view: { ...busy, opened: openedOn(asked) } },
  { name: 'details', size: [1440, 900], view: { ...busy, opened: openedOn(asked) } },
  {
    name: 'arrivals',
    size: [1024, 700],
    view: {
      ...busy,
      arrivals: {
        since: '2026-11-19T01:30:00Z',
        reservations: [...day.slice(0, 9), ...otherDays()],
        state: 'ready',
        failure: null,
      },
    },
    then: (desk, say) => press(desk, say('새로 들어온 예약', 'Newly received')),
  },
  { name: 'offline', size: [1024, 700], view: { ...busy, link: offline, asOf: '2026-11-22T01:27:30Z' } },
  {
    name: 'settings',
    size: [1024, 700],
    view: {
      ...busy,
      settings: settings({ notifications: { sound: 'bell', volume: 70, repeats: true, quietHours: quietHours() } }),
      bell: { pausedUntil: null, quietNow: false, recent: recent(asked.id) },
      managed: ['toast-detail', 'servers'],
    },
    then: (desk, say) => press(desk, say('설정', 'Settings')),
  },
  { name: 'pairing', size: [1024, 700], view: unpaired() },
  {
    name: 'print',
    size: [1024, 700],
    view: busy,
    then: async (desk) => {
      await desk.page.keyboard.press('Control+P');
    },
  },
  {
    name: 'keys',
    size: [1024, 700],
    view: busy,
    then: async (desk) => {
      await desk.page.keyboard.press('Shift+Slash');
    },
  },
  {
    name: 'board',
    size: [1920, 1080],
    view: busy,
    then: async (desk, say) => {
      await press(desk, say('더 보기', 'More'));
      await desk.page.getByRole('menuitem', { name: say('현황판 (전체 화면)', 'Wall board (full screen)') }).click();
    },
  },
];

/** What the desk says itself, in English. */
const ENGLISH: Record<string, string> = {
  '서버가 응답하지 않습니다. 네트워크를 확인해 주세요.': 'The server does not answer. Please check the network.',
  '새 예약이라 울렸습니다.': 'Rang because it was a new booking.',
  '이미 알린 예약이라 울리지 않았습니다.': 'Did not ring because it was told before.',
  '그동안 예약 5건, 미처리 3건': '5 bookings meanwhile, 3 not handled',
};

function inEnglish(view: InboxView): InboxView {
  const english = (text: string): string => ENGLISH[text] ?? text;
  const recent = view.bell.recent.map((verdict) => ({ ...verdict, sentence: english(verdict.sentence) }));
  const reason = view.link.reason === null ? null : english(view.link.reason);
  return { ...view, link: { ...view.link, reason }, bell: { ...view.bell, recent } };
}

type Media = Parameters<DeskPage['page']['emulateMedia']>[0];

function take({ name, size, view, then }: Shot, language: 'ko' | 'en', look: string, media: Media): void {
  const [width, height] = size;
  test(`${name}-${width}-${language}-${look}`, async ({ desk, page }, { title }) => {
    await page.setViewportSize({ width, height });
    await page.clock.setFixedTime(now);
    await page.emulateMedia({ reducedMotion: 'reduce', ...media });
    const theme = look === 'light' || look === 'dark' || look === 'contrast' ? look : 'system';
    const told = language === 'en' ? inEnglish(view) : view;
    await desk.open({ ...told, language, settings: { ...view.settings, theme } });
    await then?.(desk, (ko, en) => (language === 'ko' ? ko : en));
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${folder}${title}.png`, animations: 'disabled' });
  });
}

for (const shot of shots) {
  for (const language of ['ko', 'en'] as const) {
    take(shot, language, 'light', {});
    take(shot, language, 'dark', {});
  }
  // Strong contrasts, where they have most to tell apart.
  if (shot.size[0] !== 1024 || !['list', 'details', 'settings'].includes(shot.name)) continue;
  take(shot, 'ko', 'contrast', {});
  take(shot, 'ko', 'forced', { forcedColors: 'active', colorScheme: 'dark' });
}
