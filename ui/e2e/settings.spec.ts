import { expect, test } from './harness';
import { picture } from './pictures';

test.beforeEach(async ({ desk, page }) => {
  await desk.open(picture());
  await page.getByRole('button', { name: '설정' }).click();
});

test('autostart asks the desk and shows what the desk says', async ({ desk, page }) => {
  const autostart = page.getByRole('switch', { name: '로그인할 때 자동으로 시작' });
  await expect(autostart).toBeChecked();
  await autostart.click();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'set_autostart', args: { on: false } }]);
  // The desk could not: it stays on.
  await expect(autostart).toBeChecked();
  await desk.tell({ settings: { autostart: false, toastDetail: 2 } });
  await expect(autostart).not.toBeChecked();
});

test('each level of detail shows its toast', async ({ desk, page }) => {
  const preview = page.getByRole('figure', { name: '미리보기' });
  await expect(page.getByRole('radio', { name: '가린 이름과 시간' })).toBeChecked();
  await expect(preview).toContainText('김*수');
  await page.getByRole('radio', { name: '건수만' }).click();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'set_toast_detail', args: { detail: 0 } }]);
  await desk.tell({ settings: { autostart: true, toastDetail: 0 } });
  await expect(preview).not.toContainText('김');
  await expect(preview).toContainText('예약 1건이 들어왔습니다.');
});

test('a test toast says what to do if it is not seen', async ({ desk, page }) => {
  await page.getByRole('button', { name: '시험 알림 보내기' }).click();
  await expect(page.getByText('시험 알림을 보냈습니다.')).toBeVisible();
  expect(await desk.wishes()).toEqual([{ command: 'test_toast', args: {} }]);
});

test('the language is the desk’s', async ({ desk, page }) => {
  await page.getByText('English').click();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'set_language', args: { language: 'en' } }]);
  await desk.tell({ language: 'en' });
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});

test('signing out asks first', async ({ desk, page }) => {
  const ask = page.getByRole('dialog', { name: '‘원무과 1번 창구’ 연결을 해제할까요?' });
  await page.getByRole('button', { name: '이 데스크 연결 해제' }).click();
  await expect(ask).toBeVisible();
  await desk.expectAccessible();
  await page.keyboard.press('Escape');
  await expect(ask).toBeHidden();
  await expect(page.getByRole('heading', { name: '설정', exact: true })).toBeVisible();
  expect(await desk.wishes()).toEqual([]);

  await page.getByRole('button', { name: '이 데스크 연결 해제' }).click();
  await ask.getByRole('button', { name: '연결 해제' }).click();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'sign_out', args: {} }]);
});

test('says which hospital, desk, server and version', async ({ page }) => {
  const about = page.getByRole('region', { name: '이 데스크' });
  for (const text of ['빛고을 중앙병원', '원무과 1번 창구', 'https://bell.bitgoeul.example', '0.1.0']) {
    await expect(about.getByText(text, { exact: true })).toBeVisible();
  }
});

test('Escape goes back to the list', async ({ page }) => {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
});

test('settings that the tray asks for open, and are left like any other', async ({ desk, page }) => {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
  await desk.tell({ onSettings: true });
  await expect(page.getByRole('heading', { name: '설정', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'close_settings', args: {} }]);
});
