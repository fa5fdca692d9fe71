import { expect, test } from './harness';
import { picture, unpaired } from './pictures';

test('starts in the first field and passes a tidied code on', async ({ desk, page }) => {
  await desk.open(unpaired());
  await expect(page.getByLabel('서버 주소')).toBeFocused();
  await page.keyboard.type(' http://127.0.0.1:8787 ');
  await page.keyboard.press('Tab');
  await page.keyboard.type('abcd efgh');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => desk.wishes())
    .toEqual([{ command: 'pair', args: { server: 'http://127.0.0.1:8787', code: 'ABCDEFGH' } }]);
  await desk.tell(picture({ revision: 9 }));
  await page.getByRole('button', { name: '예약 목록으로' }).click();
  await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
});

for (const field of ['서버 주소', '연결 코드']) {
  test(`a link pasted into ${field} fills both`, async ({ desk, page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await desk.open(unpaired());
    await page.evaluate(() =>
      navigator.clipboard.writeText('deskbell://pair?server=https%3A%2F%2Fbell.example&code=WXYZ-2345'),
    );
    await page.getByLabel(field).focus();
    await page.keyboard.press('Control+V');
    await expect(page.getByLabel('서버 주소')).toHaveValue('https://bell.example');
    await expect(page.getByLabel('연결 코드')).toHaveValue('WXYZ-2345');
  });
}

test('a refusal is the sentence that was given', async ({ desk, page }) => {
  await desk.open(unpaired());
  await desk.refuse('pair', { code: 'wrong_code', message: '연결 코드가 맞지 않거나 시간이 지났습니다.' });
  await page.getByLabel('서버 주소').fill('https://bell.example');
  await page.getByLabel('연결 코드').fill('nope');
  await page.getByRole('button', { name: '연결하기' }).click();
  await expect(page.getByRole('alert')).toHaveText('연결 코드가 맞지 않거나 시간이 지났습니다.');
});

test('an empty field is named before anything is asked', async ({ desk, page }) => {
  await desk.open(unpaired());
  await page.getByRole('button', { name: '연결하기' }).click();
  await expect(page.getByRole('alert')).toHaveText('서버 주소를 입력하세요.');
  await page.getByLabel('서버 주소').fill('https://bell.example');
  await page.getByRole('button', { name: '연결하기' }).click();
  await expect(page.getByRole('alert')).toHaveText('연결 코드를 입력하세요.');
  expect(await desk.wishes()).toEqual([]);
});

test('the language can be chosen before pairing', async ({ desk, page }) => {
  await desk.open(unpaired());
  await page.getByText('English').click();
  await expect.poll(() => desk.wishes()).toEqual([{ command: 'set_language', args: { language: 'en' } }]);
  await desk.tell({ language: 'en' });
  await expect(page.getByRole('heading', { name: 'Pair this desk' })).toBeVisible();
  await expect(page.getByRole('radio', { name: 'English' })).toBeChecked();
});

test('ends with a toast that is seen, or with what to do', async ({ desk, page }) => {
  await desk.open(unpaired());
  await page.getByLabel('서버 주소').fill('https://bell.example');
  await page.getByLabel('연결 코드').fill('ABCD-EFGH');
  await page.keyboard.press('Enter');
  await desk.tell(picture({ revision: 9 }));
  await expect(page.getByRole('heading', { name: '연결되었습니다' })).toBeFocused();
  await desk.expectAccessible();
  await page.getByRole('button', { name: '시험 알림 보내기' }).click();
  await page.getByRole('button', { name: '안 보입니다' }).click();
  await expect(page.getByText('방해 금지나 집중 모드')).toBeVisible();
  await page.getByRole('button', { name: '다시 보내기' }).click();
  await page.getByRole('button', { name: '보입니다', exact: true }).click();
  await expect(page.getByRole('heading', { name: '오늘 예약' })).toBeVisible();
  expect((await desk.wishes()).map(({ command }) => command)).toEqual(['pair', 'test_toast', 'test_toast']);
});

test('a hospital’s own server is another way', async ({ desk, page }) => {
  await desk.open(unpaired());
  await page.getByText('기존 Socket.IO 서버 사용').click();
  await page.getByRole('button', { name: '이 서버 사용하기' }).click();
  await expect(page.getByRole('alert')).toHaveText('서버 주소를 입력하세요.');
  await page.getByLabel('Socket.IO 서버 주소').fill('http://booking.example');
  await page.getByLabel('병원의 시간대').fill('Asia/Seoul');
  await page.getByText('인증과 방 참가').click();
  await page.getByLabel('인증 정보 (auth)').fill('{"token": "t"}');
  await page.getByLabel('참가 이벤트 (join)').fill('join');
  await page.getByLabel('함께 보낼 값').fill('hanbit');
  await desk.refuse('use_own_server', { code: 'plain_http', message: 'https:// 주소를 입력해 주세요.' });
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('https:// 주소를 입력해 주세요.');
  await desk.expectAccessible();
  await desk.refuse('use_own_server', null);
  await page.getByRole('button', { name: '이 서버 사용하기' }).click();
  expect((await desk.wishes()).at(-1)).toEqual({
    command: 'use_own_server',
    args: {
      server: {
        url: 'http://booking.example',
        namespace: '/',
        event: 'reservation',
        timezone: 'Asia/Seoul',
        auth: '{"token": "t"}',
        joinEvent: 'join',
        joinPayload: 'hanbit',
      },
    },
  });
});

for (const agreed of [true, false]) {
  test(`a link’s pairing is ${agreed ? 'agreed to' : 'declined'} by a person`, async ({ desk, page }) => {
    await desk.open(picture({ pairOffer: { server: 'https://other.example/', replaces: '빛고을 중앙병원' } }));
    const offer = page.getByRole('dialog', { name: '이 PC를 연결할까요?' });
    await expect(offer).toContainText('https://other.example/');
    await expect(offer).toContainText('‘빛고을 중앙병원’ 대신');
    if (agreed) await offer.getByRole('button', { name: '연결하기' }).click();
    else await page.keyboard.press('Escape');
    await expect.poll(() => desk.wishes()).toEqual([{ command: 'answer_pair_offer', args: { agreed } }]);
  });
}
