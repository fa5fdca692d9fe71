import { expect, test } from './harness';
import { picture, recent, settings } from './pictures';

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
  await desk.tell({ settings: settings({ autostart: false }) });
  await expect(autostart).not.toBeChecked();
});

test('each level of detail shows its toast', async ({ desk, page }) => {
  const preview = page.getByRole('figure', { name: '미리보기' });
  await expect(page.getByRole('radio', { name: '가린 이름과 시간' })).toBeChecked();
  await expect(preview).toContainText('김*수');
  await page.getByRole('radio', { name: '건수만' }).click();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'set_toast_detail', args: { detail: 0 } }]);
  await desk.tell({ settings: settings({ toastDetail: 0 }) });
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

test('the app can be ended where there is no tray', async ({ desk, page }) => {
  await page.getByRole('button', { name: '데스크벨 종료' }).click();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'quit', args: {} }]);
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

test('the theme is the desk’s', async ({ desk, page }) => {
  await page.getByText('고대비').click();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'set_theme', args: { theme: 'contrast' } }]);
  await desk.tell({ settings: settings({ theme: 'contrast' }) });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'contrast');
});

test('sound, volume, repeats and quiet hours are asked for as one', async ({ desk, page }) => {
  const { notifications } = settings();
  await page.getByText('노크').click();
  await page.getByRole('switch', { name: '처리하지 않은 예약 다시 알리기' }).click();
  await page.getByRole('button', { name: '시간 추가' }).click();
  const added = { days: [1, 2, 3, 4, 5], from: '12:30', to: '13:30' };
  expect((await desk.wishes()).map(({ args }) => args)).toEqual([
    { notifications: { ...notifications, sound: 'knock' } },
    { notifications: { ...notifications, repeats: false } },
    { notifications: { ...notifications, quietHours: [added] } },
  ]);
  await desk.tell({ settings: settings({ notifications: { ...notifications, quietHours: [added] } }) });
  const span = page.getByRole('group', { name: '1번째 조용한 시간' });
  await span.getByRole('button', { name: '토' }).click();
  await span.getByLabel('끝').selectOption('14:00');
  await span.getByRole('button', { name: '1번째 조용한 시간 지우기' }).click();
  expect((await desk.wishes()).slice(3).map(({ args }) => args)).toEqual([
    { notifications: { ...notifications, quietHours: [{ ...added, days: [1, 2, 3, 4, 5, 6] }] } },
    { notifications: { ...notifications, quietHours: [{ ...added, to: '14:00' }] } },
    { notifications },
  ]);
});

test('what the administrator decided is marked and cannot be changed', async ({ desk, page }) => {
  await desk.tell({ managed: ['autostart', 'quiet-hours', 'servers'] });
  await expect(page.getByRole('switch', { name: '로그인할 때 자동으로 시작' })).toBeDisabled();
  await expect(page.getByRole('button', { name: '시간 추가' })).toBeDisabled();
  await expect(page.getByText('전산 담당자가 정한 설정입니다')).toHaveCount(2);
  await expect(page.getByText('서버는 전산 담당자가 정했습니다')).toBeVisible();
});

test('tells what rang of late and what did not, and opens it', async ({ desk, page }) => {
  const [first] = picture().day;
  if (!first) throw new Error('the picture has no reservation');
  await desk.tell({ bell: { pausedUntil: null, quietNow: false, recent: recent(first.id) } });
  const list = page.getByRole('region', { name: '최근 알림 기록' });
  await expect(list.getByRole('listitem')).toContainText([
    '10:24',
    '알리지 않음 이미 알린 예약이라 울리지 않았습니다.',
    '5건',
  ]);
  await list.getByRole('button', { name: '열기' }).first().click();
  expect(await desk.wishes()).toEqual([{ command: 'open_reservation', args: { id: first.id } }]);
});

test('the connection is looked at, step by step', async ({ desk, page }) => {
  await desk.answer('doctor', {
    ok: false,
    steps: [
      { name: '서버 주소', outcome: 'ok', message: 'https://bell.example/' },
      { name: '암호화와 인증서', outcome: 'failed', message: '서버의 인증서가 만료되었습니다.' },
      { name: '서버 응답', outcome: 'skipped', message: '앞 단계가 해결되어야 확인할 수 있습니다.' },
    ],
  });
  await page.getByRole('button', { name: '진단하기' }).click();
  const steps = page.getByRole('region', { name: '연결 진단' });
  await expect(steps.getByRole('listitem')).toContainText(['정상', '실패', '생략']);
  await expect(steps).toContainText('서버의 인증서가 만료되었습니다.');
  await expect(steps.getByRole('status')).toContainText('문제가 있습니다.');
  await desk.expectAccessible();
});
