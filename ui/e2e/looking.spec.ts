/** What is looked for, and where: search, statuses, days, arrivals. */
import { expect, test } from './harness';
import { aDay, now, otherDays, picture, reservation, today } from './pictures';

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(now);
});

const names = (page: import('@playwright/test').Page) => page.getByRole('table').locator('[data-reservation]');

test('a name is found by its initial consonants, a phone by its last digits', async ({ desk, page }) => {
  await desk.open(picture());
  await page.keyboard.press('/');
  await page.keyboard.type('ㄱㅋㄹ');
  await expect(names(page)).toHaveText(['김크리스']);
  await page.keyboard.press('Escape');
  await expect(names(page)).not.toHaveCount(1);
  await page.getByLabel('예약 찾기').fill('7788');
  await expect(names(page)).toHaveText(['박하늘']);
  await expect(page.getByRole('group', { name: '상태별로 보기' }).getByRole('button')).toHaveText([
    /전체\s*1/,
    /접수\s*1/,
  ]);
});

test('what is not there is said, and where it is', async ({ desk, page }) => {
  await desk.open(picture());
  await page.getByLabel('예약 찾기').fill('임하준');
  await expect(page.getByText('찾는 예약이 없습니다')).toBeVisible();
  await page.getByRole('button', { name: '다른 날짜에서 1건 찾음' }).click();
  await expect(names(page)).toHaveText(['임하준']);
  await page.getByRole('button', { name: '검색어 지우기' }).click();
  await expect(names(page)).toHaveCount(3);
});

test('statuses say how many and show only themselves', async ({ desk, page }) => {
  await desk.open(picture());
  const statuses = page.getByRole('group', { name: '상태별로 보기' });
  await statuses.getByRole('button', { name: /예약신청/ }).click();
  await expect(names(page)).toHaveText(['김크리스', '한서연']);
  await statuses.getByRole('button', { name: /노쇼/ }).click();
  await expect(names(page)).toHaveText(['남궁민수', '김크리스', '한서연']);
  await expect(statuses.getByRole('button', { name: /노쇼/ })).toHaveAttribute('aria-pressed', 'true');
  await statuses.getByRole('button', { name: /전체/ }).click();
  await expect(statuses.getByRole('button', { name: /전체\s*11/ })).toHaveAttribute('aria-pressed', 'true');
});

test('what waits for an answer comes first on demand, the newest before all', async ({ desk, page }) => {
  const newest = reservation({ name: '방금온', time: '15:00 ~ 15:30', receivedAt: '2026-11-22T01:29:00Z' });
  await desk.open(picture({ day: [...aDay(), newest] }));
  await page.getByRole('button', { name: '확인할 예약 먼저' }).click();
  await expect(names(page).first()).toHaveText('방금온');
  await expect(page.getByRole('rowgroup', { name: '확인할 예약' }).locator('[data-reservation]')).toHaveCount(3);
  await page.keyboard.press('u');
  await expect(names(page).first()).toHaveText('이산');
});

test('the line of now stands between what has begun and what has not', async ({ desk, page }) => {
  await desk.open(picture());
  const line = page.getByText('지금 10:30');
  await expect(line).toBeVisible();
  const [before, at, after] = await Promise.all([
    page.getByRole('button', { name: 'Chris Kim' }).boundingBox(),
    line.boundingBox(),
    page.getByRole('button', { name: '한서연' }).boundingBox(),
  ]);
  expect(before?.y).toBeLessThan(at?.y ?? 0);
  expect(at?.y).toBeLessThan(after?.y ?? 0);
});

test('it is as late as at the hospital, however the PC’s clock goes', async ({ desk, page }) => {
  await desk.open(picture({ minutesAhead: 60 }));
  await expect(page.getByText('지금 11:30')).toBeVisible();
  await page.getByRole('button', { name: '더 보기' }).click();
  await page.getByRole('menuitem', { name: '현황판 (전체 화면)' }).click();
  await expect(page.locator('.clock')).toHaveText('11:30');
});

test.describe('other days', () => {
  test('are stepped to, and chosen from a month by keyboard', async ({ desk, page }) => {
    await desk.open(picture());
    await page.getByRole('button', { name: '다음 날' }).click();
    await page.keyboard.press('[');
    await page.keyboard.press('g');
    const month = page.getByRole('dialog', { name: '날짜 선택' });
    await expect(month.getByRole('button', { name: '2026년 11월 22일 일요일' })).toBeFocused();
    await desk.expectAccessible();
    await page.keyboard.press('PageDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect((await desk.wishes()).map(({ args }) => args)).toEqual([
      { date: '2026-11-23' },
      { date: '2026-11-21' },
      { date: '2026-12-23' },
    ]);
  });

  test('say that they are loading, empty, or why they are not there', async ({ desk, page }) => {
    const lookedAt = { date: '2026-11-24', reservations: [], state: 'loading', failure: null } as const;
    await desk.open(picture({ lookedAt: { ...lookedAt, reservations: [] } }));
    await expect(page.getByRole('heading', { name: '11월 24일 (화) 예약' })).toBeVisible();
    await expect(page.getByText('예약을 불러오는 중입니다')).toBeVisible();
    await desk.tell({ lookedAt: { ...lookedAt, reservations: [], state: 'ready' } });
    await expect(page.getByText('11월 24일 (화)에는 예약이 없습니다')).toBeVisible();
    await desk.tell({
      lookedAt: { ...lookedAt, reservations: [], state: 'failed', failure: '서버가 응답하지 않습니다.' },
    });
    await expect(page.getByText('서버가 응답하지 않습니다.')).toBeVisible();
    await page.getByRole('button', { name: '다시 불러오기' }).click();
    await page.getByRole('button', { name: '오늘', exact: true }).click();
    expect((await desk.wishes()).map(({ args }) => args)).toEqual([{ date: '2026-11-24' }, { date: null }]);
  });

  test('have no line of now', async ({ desk, page }) => {
    const [row] = otherDays();
    if (!row) throw new Error('no other day');
    await desk.open(picture({ lookedAt: { date: row.date, reservations: [row], state: 'ready', failure: null } }));
    await expect(names(page)).toHaveText([row.name]);
    await expect(page.getByText('지금 10:30')).toHaveCount(0);
  });
});

test('arrivals are asked for, stand newest first, and are asked for no more', async ({ desk, page }) => {
  await desk.open(picture());
  await page.getByRole('button', { name: '새로 들어온 예약' }).click();
  const old = reservation({ name: '먼저', receivedAt: '2026-11-21T05:00:00Z' });
  const late = reservation({ name: '나중', receivedAt: '2026-11-22T01:00:00Z', date: '2026-12-24' });
  const arrivals = { since: '2026-11-19T00:00:00Z', reservations: [old, late], state: 'ready', failure: null } as const;
  await desk.tell({ arrivals: { ...arrivals, reservations: [old, late] } });
  await expect(names(page)).toHaveText(['나중', '먼저']);
  await expect(page.getByRole('rowgroup', { name: '오늘 들어옴' })).toContainText('12월 24일 (목) 10:30');
  await expect(page.getByRole('rowgroup', { name: '11월 21일 (토)' })).toContainText('14:00');
  await page.keyboard.press('1');
  expect(await desk.wishes()).toEqual([
    { command: 'show_arrivals', args: { on: true } },
    { command: 'show_arrivals', args: { on: false } },
  ]);
});

test('keys work on a Korean keyboard, and not while somebody writes', async ({ desk, page }) => {
  await desk.open(picture());
  // Where the key of `T` writes ㅅ.
  await page.evaluate(() => {
    document.body.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'ㅅ', code: 'KeyT', bubbles: true, cancelable: true }),
    );
  });
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'look_at', args: { date: null } }]);
  await page.getByLabel('예약 찾기').focus();
  await page.keyboard.press('t');
  expect(await desk.wishes()).toHaveLength(1);
  await expect(page.getByLabel('예약 찾기')).toHaveValue('t');
});

test('every key is shown', async ({ desk, page }) => {
  await desk.open(picture());
  await page.keyboard.press('Shift+Slash');
  const help = page.getByRole('dialog', { name: '단축키' });
  for (const text of ['예약 찾기', '내가 처리', '되돌리기', '전날 · 다음 날']) {
    await expect(help.getByText(text, { exact: true })).toBeVisible();
  }
  await desk.expectAccessible();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  expect(today).toBe('2026-11-22');
});

test('two thousand rows are a table of two thousand rows, few of which exist', async ({ desk, page }) => {
  const { fullDay } = await import('./pictures');
  await desk.open(picture({ day: fullDay(2_000) }));
  await expect(page.getByRole('table')).toHaveAttribute('aria-rowcount', '2001');
  expect(await names(page).count()).toBeLessThan(60);
  await names(page).first().focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('button', { name: '환자2000', exact: true })).toBeFocused();
  await expect(page.getByRole('button', { name: '환자2000', exact: true })).toBeInViewport();
});
