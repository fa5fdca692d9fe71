/** What leaves the window: paper, files, the wall. */
import type { Page } from '@playwright/test';
import { expect, test } from './harness';
import { aBusyDay, listening, now, offline, openedOn, otherDays, picture } from './pictures';

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
  // What is not masked is noted first, with its reason; what cannot be noted is not printed.
  await page.getByRole('button', { name: '인쇄하기' }).click();
  await expect(page.getByRole('alert')).toHaveText('가리지 않고 인쇄하는 이유를 입력하세요.');
  await page.getByLabel('가리지 않고 인쇄하는 이유').fill(' 응급실 전달 ');
  await desk.refuse('note_print', { code: 'not_reached', message: '서버에 연결할 수 없습니다.' });
  await page.getByRole('button', { name: '인쇄하기' }).click();
  await expect(page.getByRole('alert')).toHaveText('서버에 연결할 수 없습니다.');
  expect((await desk.wishes()).map(({ command }) => command)).toEqual(['note_print']);
  await desk.expectAccessible();
  await desk.refuse('note_print', null);
  await page.getByRole('button', { name: '인쇄하기' }).click();
  expect((await desk.wishes()).slice(1)).toEqual([
    { command: 'note_print', args: { date: '2026-11-22', reason: '인쇄: 응급실 전달' } },
    { command: 'print_page', args: {} },
  ]);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
});

test('masked paper needs no reason, and neither does a server that notes nothing', async ({ desk, page }) => {
  await desk.open(picture());
  await page.keyboard.press('Control+P');
  await page.getByRole('button', { name: '인쇄하기' }).click();
  await desk.tell({ abilities: listening().abilities });
  await page.getByLabel('이름과 전화번호 가리기').uncheck();
  await page.getByRole('button', { name: '인쇄하기' }).click();
  await expect
    .poll(async () => (await desk.wishes()).map(({ command }) => command))
    .toEqual(['print_page', 'print_page']);
});

test.describe('what a toast opens is seen', () => {
  const day = aBusyDay();
  const [first] = day;
  if (!first) throw new Error('an empty day');
  const details = (page: Page) => page.getByRole('complementary', { name: '예약 상세' });

  test('the wall board makes way', async ({ desk, page }) => {
    await desk.open(picture({ day }));
    await page.getByRole('button', { name: '더 보기' }).click();
    await page.getByRole('menuitem', { name: '현황판 (전체 화면)' }).click();
    await expect(page.getByRole('button', { name: '현황판 닫기' })).toBeVisible();
    await desk.tell({ opened: openedOn(first) });
    await expect(details(page)).toBeVisible();
    await expect(page.getByRole('button', { name: '현황판 닫기' })).toHaveCount(0);
  });

  test('paper makes way', async ({ desk, page }) => {
    await desk.open(picture({ day }));
    await page.keyboard.press('Control+P');
    await expect(page.getByRole('article')).toBeVisible();
    await desk.tell({ opened: openedOn(first) });
    await expect(details(page)).toBeVisible();
    await expect(page.getByRole('article')).toHaveCount(0);
  });

  test('and whoever turns to the board closes what is open', async ({ desk, page }) => {
    await desk.open(picture({ day, opened: openedOn(first) }));
    await page.keyboard.press('Control+P');
    expect(await desk.wishes()).toEqual([{ command: 'close_reservation', args: {} }]);
    await expect(page.getByRole('article')).toBeVisible();
    await expect(details(page)).toHaveCount(0);
  });
});

test('a list of which some is missing says so, on paper too', async ({ desk, page }) => {
  const [row] = otherDays();
  if (!row) throw new Error('no other day');
  const failure = '서버가 응답하지 않습니다.';
  await desk.open(picture({ lookedAt: { date: row.date, reservations: [row], state: 'failed', failure } }));
  const note = page.getByText(`목록이 전부가 아닐 수 있습니다. ${failure}`);
  await expect(page.getByRole('button', { name: row.name })).toBeVisible();
  await expect(note).toBeVisible();
  await page.keyboard.press('Control+P');
  await expect(page.getByRole('article').getByText(failure)).toBeVisible();
  await desk.tell({ lookedAt: { date: row.date, reservations: [row], state: 'ready', failure: null } });
  await expect(note).toHaveCount(0);
});

test('paper of a kept day says of when it is', async ({ desk, page }) => {
  await desk.open(picture({ link: offline, asOf: '2026-11-22T01:27:30Z' }));
  await page.keyboard.press('Control+P');
  await expect(page.getByRole('article')).toContainText('11월 22일 (일) 10:27에 받아 둔 것입니다.');
});

test('the offer to take a change back is not printed', async ({ desk, page }) => {
  const day = aBusyDay();
  const [first] = day;
  if (!first) throw new Error('an empty day');
  const undo = {
    id: first.id,
    name: first.name,
    from: 'pending',
    to: 'booked',
    until: '2026-11-22T01:30:10Z',
  } as const;
  await desk.open(picture({ day, undo }));
  const offer = page.getByRole('button', { name: /되돌리기/ });
  await expect(offer).toBeVisible();
  await page.keyboard.press('Control+P');
  await expect(page.getByRole('article')).toBeVisible();
  await expect(offer).toHaveCount(0);
  await expect(page.getByText(first.name, { exact: true })).toHaveCount(0);
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
