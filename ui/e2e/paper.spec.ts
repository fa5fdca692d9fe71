/** What leaves the window: paper, files, the wall. */
import { expect, test } from './harness';
import { aBusyDay, now, picture } from './pictures';

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(now);
});

test('paper is masked unless somebody asks for more, and holds every row', async ({ desk, page }) => {
  const day = aBusyDay();
  await desk.open(picture({ day }));
  await page.getByRole('button', { name: '더 보기' }).click();
  await page.getByRole('menuitem', { name: '인쇄' }).click();
  const paper = page.getByRole('article', { name: '2026년 11월 22일 일요일 예약 목록' });
  await expect(paper.getByRole('row')).toHaveCount(day.length + 1);
  await expect(paper).toContainText('김**스');
  await expect(paper).not.toContainText('김크리스');
  await desk.expectAccessible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('banner')).toBeHidden();
  await expect(page.getByRole('button', { name: '인쇄하기' })).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  await page.getByLabel('이름과 전화번호 가리기').uncheck();
  await expect(paper).toContainText('김크리스');
  await expect(page.getByText('쓰고 나면 파쇄해 주세요.')).toBeVisible();
  await page.getByRole('button', { name: '인쇄하기' }).click();
  expect((await desk.wishes()).at(-1)).toEqual({ command: 'print_page', args: {} });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
});

test('an export asks for its reason and says where it went', async ({ desk, page }) => {
  await desk.open(picture());
  await desk.answer('export_day', 'deskbell-2026-11-22.csv');
  await page.getByRole('button', { name: '더 보기' }).click();
  await page.getByRole('menuitem', { name: 'CSV로 내보내기' }).click();
  const ask = page.getByRole('dialog', { name: 'CSV로 내보내기' });
  await desk.expectAccessible();
  await ask.getByRole('button', { name: '저장할 곳 고르기' }).click();
  await expect(ask.getByRole('alert')).toHaveText('내보내는 이유를 입력하세요.');
  await ask.getByLabel('내보내는 이유').fill('보험 청구');
  await page.keyboard.press('Enter');
  await expect(ask.getByText('deskbell-2026-11-22.csv 파일로 저장했습니다.')).toBeVisible();
  expect(await desk.wishes()).toEqual([
    { command: 'export_day', args: { date: '2026-11-22', reason: '보험 청구', masked: true } },
  ]);
});

test('an export that is refused says why', async ({ desk, page }) => {
  await desk.open(picture());
  await desk.refuse('export_day', { code: 'unreachable', message: '서버에 연결할 수 없습니다.' });
  await page.getByRole('button', { name: '더 보기' }).click();
  await page.getByRole('menuitem', { name: 'CSV로 내보내기' }).click();
  await page.getByLabel('내보내는 이유').fill('보험 청구');
  await page.getByRole('button', { name: '저장할 곳 고르기' }).click();
  await expect(page.getByRole('alert')).toHaveText('서버에 연결할 수 없습니다.');
});

test('the wall shows what is to come, masked, and fills the screen', async ({ desk, page }) => {
  await page.setViewportSize({ width: 1920, height: 1080 });
  await desk.open(picture({ day: aBusyDay() }));
  await page.getByRole('button', { name: '더 보기' }).click();
  await page.getByRole('menuitem', { name: '현황판 (전체 화면)' }).click();
  await expect(page.getByRole('listitem').first()).toContainText('임*준');
  await expect(page.getByText('임하준')).toHaveCount(0);
  await expect(page.getByText('10:30').first()).toBeVisible();
  await desk.expectAccessible();
  await desk.expectNothingCutOff();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
  expect(await desk.wishes()).toEqual([
    { command: 'set_fullscreen', args: { on: true } },
    { command: 'set_fullscreen', args: { on: false } },
  ]);
});
