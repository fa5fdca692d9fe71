/** What is done with a reservation, by mouse and by key. */
import { expect, test } from './harness';
import { aDay, now, openedOn, picture, reservation } from './pictures';

const day = aDay();
const shown = day[4] ?? reservation();
const opened = openedOn(shown);

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(now);
});

test('confirms by its button', async ({ desk, page }) => {
  await desk.open(picture({ day, opened }));
  await page.getByRole('region', { name: '처리' }).getByRole('button', { name: '예약확정' }).click();
  expect(await desk.wishes()).toEqual([
    { command: 'set_status', args: { id: shown.id, status: 'booked', overrides: false } },
  ]);
});

const keys: [key: string, command: string, args: object][] = [
  ['c', 'set_status', { status: 'booked', overrides: false }],
  ['w', 'set_status', { status: 'waitlist', overrides: false }],
  ['Shift+X', 'set_status', { status: 'cancelled', overrides: false }],
  ['Shift+E', 'set_status', { status: 'entered-in-error', overrides: false }],
  ['m', 'claim', {}],
];
for (const [key, command, args] of keys) {
  test(`${key} is ${command} ${JSON.stringify(args)}`, async ({ desk, page }) => {
    await desk.open(picture({ day, opened }));
    await expect(page.getByRole('heading', { name: '예약 상세' })).toBeFocused();
    await page.keyboard.press(key);
    expect(await desk.wishes()).toEqual([{ command, args: { id: shown.id, ...args } }]);
  });
}

const later: [from: 'booked' | 'arrived' | 'checked-in', key: string, status: string][] = [
  ['booked', 'a', 'arrived'],
  ['booked', 'Shift+N', 'noshow'],
  ['arrived', 'i', 'checked-in'],
  ['checked-in', 'd', 'fulfilled'],
];
for (const [from, key, status] of later) {
  test(`from ${from}, ${key} leads to ${status}`, async ({ desk, page }) => {
    await desk.open(picture({ day, opened: openedOn({ ...shown, status: from }) }));
    await expect(page.getByRole('heading', { name: '예약 상세' })).toBeFocused();
    await page.keyboard.press(key);
    expect(await desk.wishes()).toEqual([{ command: 'set_status', args: { id: shown.id, status, overrides: false } }]);
  });
}

test('a cancellation needs its Shift, and nothing is done outside the details', async ({ desk, page }) => {
  await desk.open(picture({ day, opened }));
  await page.keyboard.press('x');
  await page.getByLabel('예약 찾기').focus();
  await page.keyboard.press('c');
  expect(await desk.wishes()).toEqual([]);
});

test.describe('one press is one step', () => {
  const booked = openedOn({ ...shown, status: 'booked', version: 2 });

  test('of two quick clicks the second, meant for what stood there before, does nothing', async ({ desk, page }) => {
    await desk.open(picture({ day, opened }));
    const main = page.locator('.main');
    const box = await main.boundingBox();
    if (!box) throw new Error('nothing can be done');
    const [x, y] = [box.x + 20, box.y + box.height / 2];
    await page.mouse.click(x, y, { clickCount: 1 });
    await desk.tell({ opened: booked });
    await expect(main).toContainText('도착');
    // The same hand, the same place, a blink later.
    await page.mouse.move(x, y);
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
    expect((await desk.wishes()).map(({ args }) => args)).toEqual([
      { id: shown.id, status: 'booked', overrides: false },
    ]);
    await main.click();
    expect(await desk.wishes()).toHaveLength(2);
  });

  test('a key that is held down goes no further', async ({ desk, page }) => {
    const arrived = openedOn({ ...shown, status: 'arrived' });
    await desk.open(picture({ day, opened: booked }));
    await expect(page.getByRole('heading', { name: '예약 상세' })).toBeFocused();
    await page.keyboard.down('x');
    await page.keyboard.down('a');
    await desk.tell({ opened: arrived });
    await expect(page.locator('.main')).toContainText('접수');
    await desk.tell({ opened: booked });
    await expect(page.locator('.main')).toContainText('도착');
    await page.keyboard.down('a');
    await page.keyboard.up('a');
    expect(await desk.wishes()).toHaveLength(1);
    // Enter on its button, held, neither.
    await page.locator('.main').focus();
    await page.keyboard.down('Enter');
    await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    expect(await desk.wishes()).toHaveLength(2);
  });

  test('what is pressed while the server is asked is not asked for', async ({ desk, page }) => {
    await desk.open(picture({ day, opened }));
    await desk.neverAnswer('set_status');
    await page.locator('.main').click();
    await expect(page.locator('.main')).toHaveAttribute('aria-disabled', 'true');
    await page.keyboard.press('w');
    await page
      .getByRole('button', { name: /입력오류/, disabled: true })
      .last()
      .dispatchEvent('click');
    expect(await desk.wishes()).toHaveLength(1);
  });
});

test('a claim of one’s own is let go', async ({ desk, page }) => {
  const claim = { desk: '원무과 1번 창구', staff: null, until: '2026-11-22T01:34:00Z', mine: true };
  await desk.open(picture({ day, opened: openedOn({ ...shown, claim }) }));
  await page.getByRole('button', { name: /처리 그만두기/ }).click();
  expect(await desk.wishes()).toEqual([{ command: 'release', args: { id: shown.id } }]);
});

test('what is over offers nothing', async ({ desk, page }) => {
  await desk.open(picture({ day, opened: openedOn({ ...shown, status: 'fulfilled' }) }));
  await expect(page.getByText('더 할 일이 없는 예약입니다.')).toBeVisible();
  await expect(page.getByRole('region', { name: '처리' }).getByRole('button')).toHaveCount(0);
});

test('whoever was first is named, and can be overridden knowingly', async ({ desk, page }) => {
  await desk.open(picture({ day, opened }));
  await desk.refuse('set_status', { code: 'conflict', message: '원무과 2번 창구에서 처리하고 있습니다.' });
  await page.getByRole('region', { name: '처리' }).getByRole('button', { name: '예약확정' }).click();
  const claim = { desk: '원무과 2번 창구', staff: '박민준', until: '2026-11-22T01:34:00Z', mine: false };
  await desk.tell({ opened: openedOn({ ...shown, claim }) });
  await expect(page.getByRole('alert')).toContainText('다른 곳에서 먼저 처리했습니다');
  await expect(page.getByRole('alert')).toContainText('원무과 2번 창구에서 처리하고 있습니다.');
  await desk.expectAccessible();
  await desk.refuse('set_status', null);
  await page.getByRole('button', { name: '그래도 예약확정' }).click();
  expect((await desk.wishes()).at(-1)).toEqual({
    command: 'set_status',
    args: { id: shown.id, status: 'booked', overrides: true },
  });
});

test('the new state stands where somebody else was first', async ({ desk, page }) => {
  const conflict = '원무과 2번 창구에서 먼저 예약확정했습니다.';
  await desk.open(picture({ day, opened: openedOn({ ...shown, status: 'booked' }, { conflict }) }));
  await expect(page.getByRole('alert')).toContainText(conflict);
  await expect(page.getByRole('region', { name: '처리' }).getByRole('button', { name: '도착' })).toBeVisible();
});

test.describe('undo', () => {
  const undo = {
    id: shown.id,
    name: shown.name,
    from: 'pending',
    to: 'booked',
    until: '2026-11-22T01:30:10Z',
  } as const;

  test('is offered for ten seconds, by button and key', async ({ desk, page }) => {
    await desk.open(picture({ day, undo }));
    const bar = page.getByRole('status').filter({ hasText: '되돌리기' });
    await expect(bar).toContainText('김크리스 예약신청에서 예약확정으로 바꿨습니다.');
    await expect(bar).toContainText('10');
    await desk.expectAccessible();
    await page.getByRole('button', { name: /되돌리기/ }).click();
    await page.keyboard.press('z');
    expect(await desk.wishes()).toEqual([
      { command: 'undo', args: { id: shown.id } },
      { command: 'undo', args: { id: shown.id } },
    ]);
  });

  test('is over by itself', async ({ desk, page }) => {
    await page.clock.install({ time: now });
    await desk.open(picture({ day, undo }));
    await expect(page.getByRole('button', { name: /되돌리기/ })).toBeVisible();
    await page.clock.runFor(10_250);
    await expect(page.getByRole('button', { name: /되돌리기/ })).toHaveCount(0);
  });
});

test('a change of some minutes ago is taken back in the details', async ({ desk, page }) => {
  const undo = {
    id: shown.id,
    name: shown.name,
    from: 'pending',
    to: 'booked',
    until: '2026-11-22T01:38:00Z',
  } as const;
  await desk.open(picture({ day, opened: openedOn({ ...shown, status: 'booked' }, { undo }) }));
  await page.getByRole('button', { name: '마지막 변경 취소' }).click();
  expect(await desk.wishes()).toEqual([{ command: 'undo', args: { id: shown.id } }]);
});

test('who sits here is told the desk', async ({ desk, page }) => {
  await desk.open(picture({ day }));
  await page.getByRole('button', { name: '담당자 입력' }).click();
  await page.getByLabel('이름 또는 약칭').fill(' 이서연 ');
  await page.keyboard.press('Enter');
  expect(await desk.wishes()).toEqual([{ command: 'set_staff', args: { staff: '이서연' } }]);
  await desk.tell({ staff: '이서연' });
  await expect(page.getByRole('banner')).toContainText('이서연');
});

test('the bell is paused and resumed', async ({ desk, page }) => {
  await desk.open(picture({ day }));
  await page.getByRole('button', { name: '알림 켜짐' }).click();
  await desk.expectAccessible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await desk.tell({ bell: { pausedUntil: '2026-11-22T02:30:00Z', quietNow: false, recent: [] } });
  await page.getByRole('button', { name: '알림 멈춤 (11:30까지)' }).click();
  await page.getByRole('menuitem', { name: '알림 다시 켜기' }).click();
  expect(await desk.wishes()).toEqual([
    { command: 'pause', args: { length: 'hour' } },
    { command: 'pause', args: { length: 'over' } },
  ]);
});
