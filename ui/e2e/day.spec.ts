import { expect, test } from './harness';
import { aDay, fullDay, now, offline, otherDays, picture, reservation } from './pictures';

test.beforeEach(async ({ page }) => {
  await page.clock.setFixedTime(now);
});

test('shows whose day it is and what is booked', async ({ desk, page }) => {
  await desk.open(picture());
  await expect(page.getByText('빛고을 중앙병원')).toBeVisible();
  await expect(page.getByText('2026년 11월 22일 일요일')).toBeVisible();
  await expect(page.getByText('확인할 예약 2건')).toBeVisible();
  const row = page.getByRole('row', { name: '김크리스' });
  for (const cell of ['10:30 ~ 11:00', '김크리스', '010-1111-1111', '본인', '예약신청']) {
    await expect(row.getByRole('cell', { name: cell })).toBeVisible();
  }
  await expect(page.getByRole('row', { name: '한서연' })).toContainText('원무과 1번 창구 처리 중');
});

test('groups the day by the time things start', async ({ desk, page }) => {
  await desk.open(picture());
  const group = page.getByRole('rowgroup', { name: '10:30' });
  await expect(group.getByRole('row')).toHaveCount(3);
});

test('lists what waits on other days under its date', async ({ desk, page }) => {
  await desk.open(picture());
  await page.getByRole('button', { name: '다른 날짜 예약신청 3' }).click();
  const others = page.getByRole('table', { name: '다른 날짜 예약신청' });
  await expect(others.getByRole('rowgroup', { name: '11월 24일 (화)' }).getByRole('button')).toHaveText([
    '임하준',
    '신유나',
  ]);
  // Where there is room, they stand beside the day.
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(others).toBeInViewport();
  await expect(page.getByRole('table', { name: '오늘 예약' })).toBeInViewport();
});

test('says everything in English too, when the desk says so', async ({ desk, page }) => {
  await desk.open(picture());
  await desk.tell({ language: 'en' });
  await expect(page.getByText('Sunday, 22 November 2026')).toBeVisible();
  await expect(page.getByRole('row', { name: '김크리스' }).getByRole('cell', { name: 'Requested' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-GB');
});

test('an empty day says so, an unknown one does not pretend', async ({ desk, page }) => {
  await desk.open(picture({ day: [], otherDays: [] }));
  await expect(page.getByText('오늘은 아직 예약이 없습니다')).toBeVisible();
  await desk.tell({ today: null, link: { state: 'connecting', since: now.toISOString(), reason: null } });
  await expect(page.getByText('예약을 불러오는 중입니다')).toBeVisible();
  await desk.tell({ today: null, link: offline });
  await expect(page.getByText('예약을 아직 불러오지 못했습니다')).toBeVisible();
  await expect(page.getByText('예약이 없습니다')).toHaveCount(0);
});

test.describe('the link', () => {
  test('is always in sight, with the minutes of an outage and what to do', async ({ desk, page }) => {
    await desk.open(picture());
    const bar = page.getByRole('banner');
    await expect(bar.getByText('연결됨')).toBeVisible();

    await desk.tell({ link: offline });
    await expect(bar.getByText('연결 끊김 2분')).toBeVisible();
    const notice = page.getByRole('region', { name: '서버와 연결이 끊긴 지 2분 (10:27부터)' });
    await expect(notice).toContainText('서버가 응답하지 않습니다.');
    await expect(notice).toContainText('그동안 들어온 예약은 서버에 보관되며');

    await page.getByRole('button', { name: '설정' }).click();
    await expect(bar.getByText('연결 끊김 2분')).toBeVisible();
  });

  test('counts on by itself', async ({ desk, page }) => {
    await page.clock.install({ time: now });
    await desk.open(picture({ link: offline }));
    await page.clock.runFor(60_000);
    await expect(page.getByRole('banner').getByText('연결 끊김 3분')).toBeVisible();
  });

  test('that is refused offers to pair again', async ({ desk, page }) => {
    await desk.open(picture({ link: { state: 'refused', since: null, reason: '이 데스크의 연결이 해제되었습니다.' } }));
    await expect(page.getByText('이 데스크의 연결이 해제되었습니다.', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: '연결 코드 입력' }).click();
    await expect(page.getByLabel('서버 주소')).toHaveValue('https://bell.bitgoeul.example');
    await expect(page.getByLabel('연결 코드')).toBeFocused();
    await page.getByRole('button', { name: '취소' }).click();
    await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
  });
});

test('of when a kept list is, is said while the desk is refused and while it is loaded anew', async ({
  desk,
  page,
}) => {
  const asOf = '2026-11-22T01:27:30Z';
  const said = page.getByText('화면의 목록은 11월 22일 (일) 10:27에 받아 둔 것입니다.');
  const reason = '이 데스크의 연결이 해제되었습니다.';
  await desk.open(picture({ asOf, link: { state: 'refused', since: null, reason } }));
  await expect(page.getByRole('region', { name: '이 데스크를 연결할 수 없습니다' })).toContainText(
    '10:27에 받아 둔 것',
  );
  await desk.tell({ link: { state: 'connecting', since: now.toISOString(), reason: null } });
  await expect(said).toBeVisible();
  await desk.tell({ asOf: null, link: { state: 'live', since: now.toISOString(), reason: null } });
  await expect(said).toHaveCount(0);
});

test('warnings are in sight', async ({ desk, page }) => {
  await desk.open(picture({ warnings: ['알림을 보여 줄 수 없습니다.'] }));
  await expect(page.getByRole('region', { name: '확인이 필요합니다' })).toContainText('알림을 보여 줄 수 없습니다.');
});

test.describe('changes while someone reads', () => {
  test('an arrival is marked and announced', async ({ desk, page }) => {
    const day = aDay();
    await desk.open(picture({ day }));
    await desk.tell({ day: [...day, reservation({ name: '방금온', time: '10:00 ~ 10:30' })] });
    await expect(page.getByRole('row', { name: '방금온' })).toContainText('새 예약');
    await expect(page.getByText('새 예약 1건이 들어왔습니다.')).toBeAttached();
    await expect(page.getByRole('row', { name: '김크리스' })).not.toContainText('새 예약');
  });

  test('an older picture is ignored', async ({ desk, page }) => {
    await desk.open(picture({ revision: 5 }));
    await desk.tell({ revision: 4, day: [] });
    await desk.tell({ revision: 6, warnings: ['다음 그림'] });
    await expect(page.getByText('다음 그림')).toBeVisible();
    await desk.tell({ revision: 6, day: [], warnings: [] });
    await desk.tell({ revision: 7, warnings: ['그다음 그림'], day: aDay() });
    await expect(page.getByText('그다음 그림')).toBeVisible();
    await expect(page.getByRole('row', { name: '김크리스' })).toBeVisible();
  });

  for (const width of [640, 1024, 1440]) {
    test(`rows above do not move what is read, ${width} wide`, async ({ desk, page }) => {
      await page.setViewportSize({ width, height: 700 });
      const day = fullDay(300);
      await desk.open(picture({ day, otherDays: otherDays() }));
      const list = page.getByRole('table', { name: '오늘 예약' });
      await list.evaluate((element) => {
        element.scrollTop = 0.5 * element.scrollHeight;
      });
      await expect(page.getByRole('button', { name: '환자1', exact: true })).toHaveCount(0);
      // A busy machine paints the rows of the new place a frame later.
      let name = '';
      await expect
        .poll(async () => {
          name = await list.evaluate((element) => {
            const { top } = element.getBoundingClientRect();
            const rows = [...element.querySelectorAll('[data-reservation]')];
            return rows.find((row) => row.getBoundingClientRect().top > top + 20)?.textContent ?? '';
          });
          return name;
        })
        .not.toBe('');
      const read = page.getByRole('button', { name, exact: true });
      await expect(read).toBeInViewport();
      const before = await read.boundingBox();

      const above = [1, 2, 3].map((n) => reservation({ name: `위에${n}`, time: '08:00 ~ 08:15' }));
      await desk.tell({ day: [...above, ...day.filter(({ name }) => name !== '환자2')] });
      await expect(list).toHaveAttribute('aria-rowcount', '303');
      expect((await read.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);
    });
  }
});

test.describe('by keyboard', () => {
  test('one tab stop, arrows between the rows, Enter opens', async ({ desk, page }) => {
    const day = aDay();
    await desk.open(picture({ day }));
    const names = page.getByRole('table', { name: '오늘 예약' }).getByRole('button');
    await page.getByRole('button', { name: /입력오류/ }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Home');
    await expect(names.first()).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await expect(page.getByRole('button', { name: /입력오류/ })).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(names.first()).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowDown');
    await expect(names.nth(1)).toBeFocused();
    await page.keyboard.press('End');
    await expect(names.last()).toBeFocused();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await desk.wishes()).toEqual([{ command: 'open_reservation', args: { id: day[1]?.id } }]);
  });

  test('the tab stop stays with the row, whatever arrives', async ({ desk, page }) => {
    const day = aDay();
    await desk.open(picture({ day }));
    const row = page.getByRole('button', { name: '김크리스' });
    await row.focus();
    await desk.tell({ day: [reservation({ name: '먼저온', time: '08:00 ~ 08:30' }), ...day] });
    await expect(page.getByRole('button', { name: '먼저온' })).toBeVisible();
    await expect(row).toBeFocused();
  });
});

test('a click anywhere on a row opens it', async ({ desk, page }) => {
  const day = aDay();
  await desk.open(picture({ day }));
  await page.getByRole('row', { name: '최영희' }).click({ position: { x: 700, y: 20 } });
  expect(await desk.wishes()).toEqual([{ command: 'open_reservation', args: { id: day[3]?.id } }]);
});

test('a wish that gets lost is told', async ({ desk, page }) => {
  await desk.open(picture());
  await desk.loseCommands(['open_reservation']);
  await page.getByRole('button', { name: '김크리스' }).click();
  await expect(page.getByRole('alert')).toContainText('요청을 전달하지 못했습니다.');
  await page.getByRole('button', { name: '닫기' }).click();
  await expect(page.getByText('요청을 전달하지 못했습니다.')).toHaveCount(0);
});

test('a desk out of reach from the start is told in both languages', async ({ desk, page }) => {
  await desk.open(picture(), ['screen']);
  await expect(page.getByText('화면을 불러오지 못했습니다.')).toBeVisible();
  await expect(page.getByText('The window could not be loaded.')).toBeVisible();
});
