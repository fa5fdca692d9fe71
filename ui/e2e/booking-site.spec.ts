/** A hospital's own page, made of the very words of docs/booking-site.md, on another origin than the gateway's. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build } from 'vite';
import type { Plugin } from 'vite';
import { expect, test as base } from './harness';
import { Gateway } from './gateway';

const document = readFileSync(fileURLToPath(new URL('../../docs/booking-site.md', import.meta.url)), 'utf8');

/** What the document says between fences of this language. */
function written(language: string): string {
  const [, code] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(document) ?? [];
  if (code === undefined) throw new Error(`docs/booking-site.md has no ${language}`);
  return code;
}

/** The document's script with this gateway in it, bundled as the reader would. */
async function bundled(gateway: Gateway): Promise<string> {
  const name = 'virtual:booking-site';
  const document: Plugin = {
    name,
    resolveId: (id) => (id === name ? fileURLToPath(new URL('document.js', import.meta.url)) : undefined),
    load: (id) =>
      id.endsWith('document.js') ? written('js').replaceAll('https://bell.example', gateway.url) : undefined,
  };
  const built = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [document],
    build: { write: false, rolldownOptions: { input: name } },
  });
  const [bundle] = [built].flat();
  if (!bundle || !('output' in bundle)) throw new Error('the script was not bundled');
  return bundle.output[0].code;
}

const test = base.extend<object, { gateway: Gateway; script: string }>({
  gateway: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const gateway = await Gateway.start();
      await use(gateway);
      await gateway.end();
    },
    { scope: 'worker' },
  ],
  script: [async ({ gateway }, use) => use(await bundled(gateway)), { scope: 'worker' }],
});

/** Opens the hospital's page for whoever has this token, under the policy that the document asks for. */
async function open(
  page: Page,
  { gateway, script }: { gateway: Gateway; script: string },
  token: string,
): Promise<void> {
  const connect = `connect-src ${gateway.url} ${gateway.url.replace('http', 'ws')}`;
  const body = `<!doctype html>${written('html').replace('dbwatch…', token)}<script type="module" src="page.js"></script>`;
  // A server of its own: a browser wonders at a page from nowhere that wants to reach this machine.
  const site = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', `text/${isScript ? 'javascript' : 'html'}; charset=utf-8`);
    response.setHeader('content-security-policy', `default-src 'none'; script-src 'self'; ${connect}`);
    response.end(isScript ? script : body);
  });
  page.on('close', () => site.close());
  await once(site.listen(0, '127.0.0.1'), 'listening');
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
}

for (const opens of [true, false]) {
  test(`the document's page shows what becomes of a booking · ${opens ? 'WebSocket' : 'polling alone'}`, async ({
    page,
    gateway,
    script,
  }) => {
    const opened = opens && page.waitForEvent('websocket');
    if (!opens) await page.routeWebSocket(/socket\.io/, (socket) => socket.close());
    const name = `김크리스 ${opens ? 1 : 2}`;
    await open(page, { gateway, script }, await gateway.takeIn(name));
    const place = page.getByRole('status');
    await expect(place).toHaveText('2099-11-23 10:30 ~ 11:00 병원에서 확인하고 있습니다.');
    await opened;
    await gateway.answer(name, 'booked');
    await expect(place).toHaveText('2099-11-23 10:30 ~ 11:00 예약이 확정되었습니다.');
  });
}

test("the document's page is told that its token opens nothing", async ({ page, gateway, script }) => {
  await open(page, { gateway, script }, 'dbwatchAAAA');
  await expect(page.getByRole('status')).toHaveText('병원에 전화해 확인해 주세요.');
});
