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
  await desk.refusePairing({ code: 'wrong_code', message: '연결 코드가 맞지 않거나 시간이 지났습니다.' });
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
