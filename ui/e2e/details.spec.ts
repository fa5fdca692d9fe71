import { expect, test } from './harness';
import { aDay, fullDay, now, openedBlind, openedOn, picture, reservation } from './pictures';
import type { OpenedView, ReservationView } from '../src/lib/ipc/desk';

const day = aDay();
const shown = day[4] ?? reservation();
const opened: OpenedView = openedOn(shown);

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(now);
});

test('shows the five fields, when it came and what happened', async ({ desk, page }) => {
  await desk.open(picture({ day, opened }));
  const panel = page.getByRole('complementary', { name: '예약 상세' });
  for (const text of ['김크리스', '010-1111-1111', '2026년 11월 22일 일요일', '10:30 ~ 11:00', '본인']) {
    await expect(panel.getByRole('definition').filter({ hasText: text }).first()).toBeVisible();
  }
  await expect(panel.getByText('예약신청', { exact: true }).first()).toBeVisible();
  await expect(panel.getByRole('definition').filter({ hasText: '11월 22일 (일) 09:12' })).toBeVisible();
  await expect(panel.getByText('아직 처리하지 않음')).toBeVisible();
  await expect(panel.getByRole('listitem')).toContainText(['일정 변경', '예약신청']);
  await expect(panel.getByRole('listitem').first()).toContainText('홈페이지');
});

test('says who is on it and who handled it', async ({ desk, page }) => {
  const reservation: ReservationView = {
    ...shown,
    status: 'booked',
    claim: { desk: '원무과 1번 창구', staff: null, until: '2026-11-22T01:34:00Z', mine: false },
    handledBy: { desk: '원무과 2번 창구', staff: '이서연', at: '2026-11-22T00:20:00Z' },
  };
  await desk.open(picture({ day, opened: openedOn(reservation) }));
  await expect(page.getByText('원무과 1번 창구 (10:34까지)')).toBeVisible();
  await expect(page.getByText('원무과 2번 창구 · 이서연, 11월 22일 (일) 09:20')).toBeVisible();
  const history = page.getByRole('region', { name: '이력' }).getByRole('listitem');
  await expect(history).toContainText(['처리 시작', '상태 변경', '일정 변경', '예약신청']);
  await expect(history.nth(1)).toContainText('원무과 2번 창구 · 이서연');
});

test('opens for a reservation of no list, while it is still fetched', async ({ desk, page }) => {
  const elsewhere = reservation({ date: '2027-01-05', name: '먼날짜' });
  await desk.open(picture({ day, opened: openedBlind(elsewhere.id) }));
  const panel = page.getByRole('complementary', { name: '예약 상세' });
  await expect(panel.getByText('불러오는 중입니다')).toBeVisible();
  await desk.tell({ opened: openedOn(elsewhere, { history: [] }) });
  await expect(panel.getByText('먼날짜')).toBeVisible();
  await expect(panel.getByText('불러오는 중입니다')).toHaveCount(0);
});

test('says why it could not be loaded, and asks again', async ({ desk, page }) => {
  await desk.open(picture({ day, opened: openedBlind(shown.id, '서버가 응답하지 않습니다.') }));
  await expect(page.getByRole('alert')).toContainText('서버가 응답하지 않습니다.');
  await page.getByRole('button', { name: '다시 불러오기' }).click();
  expect(await desk.wishes()).toEqual([{ command: 'open_reservation', args: { id: shown.id } }]);
});

test('takes the focus and gives it back to its row', async ({ desk, page }) => {
  await desk.open(picture({ day }));
  const row = page.getByRole('button', { name: shown.name });
  await row.click();
  await desk.tell({ opened });
  await expect(page.getByRole('heading', { name: '예약 상세' })).toBeFocused();

  await page.keyboard.press('Escape');
  expect((await desk.wishes()).at(-1)?.command).toBe('close_reservation');
  await desk.tell({ opened: null });
  await expect(page.getByRole('complementary')).toHaveCount(0);
  await expect(row).toBeFocused();
});

test('news of it leave the focus where somebody works', async ({ desk, page }) => {
  await desk.open(picture({ day, opened }));
  const copy = page.getByRole('button', { name: '전화번호 복사' });
  await copy.focus();
  await desk.tell({ opened: openedOn(shown, { conflict: '원무과 2번 창구에서 먼저 처리했습니다.' }) });
  await expect(page.getByText('원무과 2번 창구에서 먼저 처리했습니다.')).toBeVisible();
  await expect(copy).toBeFocused();
});

test('what a toast opens is in sight in its list', async ({ desk, page }) => {
  const long = fullDay(200);
  const last = long.at(-1) ?? shown;
  await desk.open(picture({ day: long }));
  const row = page.getByRole('button', { name: last.name, exact: true });
  await expect(row).toHaveCount(0);
  await desk.tell({ opened: openedOn(last) });
  await expect(row).toBeInViewport();
  // A window that opens for it begins there.
  await desk.open(picture({ day: long, opened: openedOn(last) }));
  await expect(row).toBeInViewport();
});

test('closes by its button', async ({ desk, page }) => {
  await desk.open(picture({ day, opened }));
  await page.getByRole('button', { name: '닫기' }).click();
  expect((await desk.wishes()).at(-1)?.command).toBe('close_reservation');
});

test('opens beside the settings as well', async ({ desk, page }) => {
  await desk.open(picture({ day }));
  await page.getByRole('button', { name: '설정' }).click();
  await desk.tell({ opened });
  await expect(page.getByRole('complementary', { name: '예약 상세' })).toBeVisible();
});

test.describe('copying the phone', () => {
  test('puts it on the clipboard', async ({ desk, page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await desk.open(picture({ day, opened }));
    await page.getByRole('button', { name: '전화번호 복사' }).click();
    await expect(page.getByText('복사했습니다')).toBeAttached();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('010-1111-1111');
  });

  test('says so when the system does not allow it', async ({ desk, page }) => {
    await page.addInitScript(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
    });
    await desk.open(picture({ day, opened }));
    await page.getByRole('button', { name: '전화번호 복사' }).click();
    await expect(page.getByText('복사하지 못했습니다.')).toBeVisible();
  });
});
