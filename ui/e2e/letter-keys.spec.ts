/** Keys that write something can be switched off: for whoever speaks to the PC, or strikes one by accident. */
import { expect, test } from './harness';
import { aDay, now, openedOn, picture, reservation, settings } from './pictures';

const day = aDay();
const shown = day[4] ?? reservation();
const off = settings({ letterKeys: false });

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(now);
});

test('are switched off in the settings, by the desk', async ({ desk, page }) => {
  await desk.open(picture({ day }));
  await page.getByRole('button', { name: '설정' }).click();
  const letters = page.getByRole('switch', { name: '글자 하나짜리 단축키' });
  await expect(letters).toBeChecked();
  await letters.click();
  expect(await desk.wishes()).toEqual([{ command: 'set_letter_keys', args: { on: false } }]);
  await desk.tell({ settings: off });
  await expect(letters).not.toBeChecked();
});

test('do nothing when they are off, and are not shown', async ({ desk, page }) => {
  const undo = {
    id: shown.id,
    name: shown.name,
    from: 'pending',
    to: 'booked',
    until: '2026-11-22T01:30:10Z',
  } as const;
  await desk.open(picture({ day, undo, opened: openedOn(shown), settings: off }));
  await expect(page.getByRole('heading', { name: '예약 상세' })).toBeFocused();
  for (const key of ['c', 'm', 'z', 'u', 't', 'g', '1', '3', '[', '/', 'Shift+X', 'Shift+Slash']) {
    await page.keyboard.press(key);
  }
  expect(await desk.wishes()).toEqual([]);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.locator('kbd')).toHaveText(['Esc']);
  await expect(page.locator('[aria-keyshortcuts]')).toHaveCount(0);
});

test('leave arrows, Enter, Esc and what goes with Ctrl', async ({ desk, page }) => {
  await desk.open(picture({ day, settings: off }));
  await page.keyboard.press('Control+F');
  await expect(page.getByLabel('예약 찾기')).toBeFocused();
  await page.getByRole('table').locator('[data-reservation]').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  expect(await desk.wishes()).toEqual([{ command: 'open_reservation', args: { id: day[1]?.id } }]);
  await page.keyboard.press('F1');
  const help = page.getByRole('dialog', { name: '단축키' });
  await expect(help).toContainText('글자 하나짜리 단축키는 꺼져 있습니다.');
  await desk.expectAccessible();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
});

test('are on unless somebody switched them off, which the help says how to', async ({ desk, page }) => {
  await desk.open(picture({ day }));
  await page.keyboard.press('Shift+Slash');
  await expect(page.getByRole('dialog', { name: '단축키' })).toContainText('설정의 ‘언어와 화면’에서 끌 수 있습니다.');
});
