/** Strong contrasts: the system's own colours forced upon the page, and more contrast asked for. */
import { expect, test } from './harness';
import type { DeskPage } from './harness';
import { aBusyDay, now, offline, openedOn, picture, quietHours, recent, settings } from './pictures';
import type { InboxView } from '../src/lib/ipc/desk';

const day = aBusyDay();
const asked = day.find(({ status }) => status === 'pending') ?? day[0];
if (!asked) throw new Error('nobody asks for anything');
const undo = {
  id: asked.id,
  name: asked.name,
  from: 'pending',
  to: 'booked',
  until: '2026-11-22T01:30:10Z',
} as const;

const press = async ({ page }: DeskPage, name: string): Promise<void> => {
  await page.getByRole('button', { name, exact: true }).click();
};
const views: Record<string, { view: InboxView; then?: (desk: DeskPage) => Promise<void> }> = {
  list: { view: picture({ day, undo }) },
  details: { view: picture({ day, opened: openedOn(asked, { conflict: '원무과 2번 창구에서 먼저 처리했습니다.' }) }) },
  offline: {
    view: picture({ day, link: offline, asOf: '2026-11-22T01:27:30Z', warnings: ['알림을 보여 줄 수 없습니다.'] }),
  },
  settings: {
    view: picture({
      managed: ['servers', 'quiet-hours', 'autostart'],
      settings: settings({ notifications: { sound: 'chime', volume: 40, repeats: true, quietHours: quietHours() } }),
      bell: { pausedUntil: null, quietNow: false, recent: recent('x') },
    }),
    then: (desk) => press(desk, '설정'),
  },
  'the month': { view: picture({ day }), then: ({ page }) => page.keyboard.press('g') },
  board: {
    view: picture({ day }),
    then: async (desk) => {
      await press(desk, '더 보기');
      await desk.page.getByRole('menuitem', { name: '현황판 (전체 화면)' }).click();
    },
  },
};

const asks = {
  'forced colours, light': { forcedColors: 'active', colorScheme: 'light' },
  'forced colours, dark': { forcedColors: 'active', colorScheme: 'dark' },
  'more contrast, light': { contrast: 'more', colorScheme: 'light' },
  'more contrast, dark': { contrast: 'more', colorScheme: 'dark' },
} as const;

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(now);
});

for (const [how, media] of Object.entries(asks)) {
  for (const [name, { view, then }] of Object.entries(views)) {
    test(`${name} · ${how}`, async ({ desk, page }) => {
      await page.emulateMedia({ ...media, reducedMotion: 'reduce' });
      await desk.open(view);
      await then?.(desk);
      await desk.expectAccessible();
      await desk.expectNothingCutOff();
    });
  }
}

test.describe('in forced colours', () => {
  test.beforeEach(async ({ page }) => {
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  });

  test('what is chosen can be told from what is not', async ({ desk, page }) => {
    await desk.open(picture({ day, opened: openedOn(asked) }));
    const ground = (name: string) =>
      page.getByRole('button', { name, exact: true }).evaluate((element) => getComputedStyle(element).backgroundColor);
    expect(await ground('날짜별')).not.toBe(await ground('새로 들어온 예약'));
    const edge = (name: RegExp) =>
      page
        .getByRole('group', { name: '상태별로 보기' })
        .getByRole('button', { name })
        .evaluate((element) => getComputedStyle(element).borderBlockStartColor);
    expect(await edge(/전체/)).not.toBe(await edge(/예약확정/));
    const outline = (name: string) =>
      page.getByRole('row', { name }).evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(await outline(asked.name)).toBe('solid');
    expect(await ground('예약확정')).not.toBe(await ground('내가 처리'));
  });

  test('a switch that is on can be told from one that is off', async ({ desk, page }) => {
    await desk.open(picture());
    await press(desk, '설정');
    const ground = () =>
      page
        .getByRole('switch', { name: '로그인할 때 자동으로 시작' })
        .evaluate((element) => getComputedStyle(element).backgroundColor);
    const on = await ground();
    await desk.tell({ settings: settings({ autostart: false }) });
    await expect(page.getByRole('switch', { name: '로그인할 때 자동으로 시작' })).not.toBeChecked();
    expect(await ground()).not.toBe(on);
  });

  test('the line of now is a line', async ({ desk, page }) => {
    await desk.open(picture());
    const line = await page.getByText('지금 10:30').evaluate((element) => {
      const { borderBlockStartWidth, borderBlockStartColor } = getComputedStyle(
        element.parentElement ?? element,
        '::after',
      );
      return { width: borderBlockStartWidth, colour: borderBlockStartColor };
    });
    expect(line.width).toBe('2px');
    expect(line.colour).not.toBe(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
  });
});
