/** The gateway's booking page, on a real gateway: booked, then confirmed at a desk, without a reload. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test as base } from './harness';
import { Gateway } from './gateway';

const test = base.extend<{ tidy: Page }, { gateway: Gateway }>({
  gateway: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const gateway = await Gateway.start();
      await use(gateway);
      await gateway.end();
    },
    { scope: 'worker' },
  ],
  /** A page on which no script fails and no policy is broken. */
  tidy: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content.Security|violates/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await use(page);
    expect(complaints).toEqual([]);
  },
});

const inTwoDays = new Date(Date.now() + 48 * 3_600_000).toISOString().slice(0, 10);
let booked = 0;

/** That day as the page writes it. */
const written = (language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(inTwoDays));

/** Fills the form in and sends it; gives the patient's name. */
async function book(page: Page, gateway: Gateway, language: 'ko' | 'en' = 'ko'): Promise<string> {
  booked += 1;
  const name = `김크리스${process.pid}${booked}`;
  await page.goto(`${gateway.url}/book/haneul?lang=${language}`);
  await page.locator('#relationship').selectOption('본인');
  await page.locator('#name').fill(name);
  await page.locator('#phone').fill('010-1111-1111');
  await page.locator('#reservationdate').fill(inTwoDays);
  await page.locator('#reservationtime').selectOption('10:30 ~ 11:00');
  await page.getByRole('button').click();
  await expect(page.locator('[data-part=mark]')).toHaveText(language === 'ko' ? '예약신청' : 'Requested');
  return name;
}

/** The page says that it is kept up to date. */
async function expectLive(page: Page): Promise<void> {
  await expect(page.locator('[data-part=link]')).toHaveText(/열어 두시면|Keep this page open/);
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))).toEqual([]);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(beyond).toBe(0);
}

for (const language of ['ko', 'en'] as const) {
  for (const [width, colorScheme] of [
    [1024, 'light'],
    [360, 'dark'],
  ] as const) {
    test(`confirmed appears by itself · ${language} · ${width} · ${colorScheme}`, async ({ tidy: page, gateway }) => {
      const polls: string[] = [];
      page.on('request', (request) => {
        if (request.url().includes('transport=polling')) polls.push(request.url());
      });
      await page.setViewportSize({ width, height: 700 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const name = await book(page, gateway, language);
      await expectLive(page);
      await expectAccessible(page);
      await gateway.answer(name, 'booked');
      const confirmed = language === 'ko' ? '예약확정' : 'Confirmed';
      await expect(page.getByRole('status')).toContainText(confirmed);
      await expect(page).toHaveTitle(language === 'ko' ? '예약이 확정되었습니다' : 'Your booking is confirmed');
      await expect(page.getByRole('status')).toContainText(written(language));
      await expectAccessible(page);
      expect(polls).toEqual([]);
    });
  }
}

test('where no WebSocket opens it comes by polling', async ({ tidy: page, gateway }) => {
  let asked = 0;
  await page.routeWebSocket(/socket\.io/, async (socket) => {
    asked += 1;
    await socket.close();
  });
  const name = await book(page, gateway);
  await expectLive(page);
  expect(asked).toBe(1);
  await gateway.answer(name, 'booked');
  await expect(page.getByRole('status')).toContainText('예약확정');
});

test('a gateway that dies is said to be away, and what changed meanwhile is seen', async ({ tidy: page, gateway }) => {
  const name = await book(page, gateway);
  await expectLive(page);
  await gateway.kill();
  await expect(page.locator('[data-part=link]')).toHaveText(/다시 연결하고 있습니다/);
  await gateway.up();
  await gateway.answer(name, 'booked');
  // However long it would wait for its next try: somebody looks at it.
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(page.getByRole('status')).toContainText('예약확정');
  await expectLive(page);
});

test('reloaded, the page stands where the booking does, and nothing is booked twice', async ({
  tidy: page,
  gateway,
}) => {
  const name = await book(page, gateway);
  await gateway.answer(name, 'booked');
  await expect(page.getByRole('status')).toContainText('예약확정');
  await page.reload();
  await expect(page.getByRole('status')).toContainText('예약확정');
  await expectLive(page);
  await gateway.answer(name, 'cancelled');
  await expect(page.getByRole('status')).toContainText('예약이 취소되었습니다');
});

test('without script it says to wait for the hospital', async ({ browser, gateway }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const language of ['ko', 'en'] as const) {
    await book(page, gateway, language);
    await expect(page.locator('[data-part=link]')).toHaveText(/병원의 연락을 기다려|wait to hear from the hospital/);
    // As the script writes it, so that it has nothing to change.
    await expect(page.locator('[data-part=date]')).toHaveText(written(language));
  }
  await context.close();
});
