import AxeBuilder from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';
import type { Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { InboxView, UserErrorView } from '../src/lib/ipc/desk';
import type { Wish } from './fake-desk';

export { expect };

/** The page with a fake desk behind it. */
export class DeskPage {
  constructor(
    readonly page: Page,
    private readonly script: string,
  ) {}

  /** Opens the page on a picture; `unreachable` names commands that do not get through. */
  async open(view: InboxView, unreachable: string[] = []): Promise<void> {
    const first = `window.firstView = ${JSON.stringify(view)}; window.unreachableFromTheStart = ${JSON.stringify(unreachable)};`;
    await this.page.addInitScript({ content: `${first}\n${this.script}` });
    await this.page.goto('/');
  }

  tell(change: Partial<InboxView>): Promise<void> {
    return this.page.evaluate((change) => window.fakeDesk.tell(change), change);
  }

  wishes(): Promise<Wish[]> {
    return this.page.evaluate(() => window.fakeDesk.wishes);
  }

  /** Wishes of this command are not granted from now on; with `null`, they are. */
  refuse(command: string, refusal: UserErrorView | null): Promise<void> {
    return this.page.evaluate(
      ([command, refusal]) => {
        if (refusal) window.fakeDesk.refusals[command] = refusal;
        else window.fakeDesk.refusals = {};
      },
      [command, refusal] as const,
    );
  }

  /** What this command is answered from now on. */
  answer(command: string, answer: unknown): Promise<void> {
    return this.page.evaluate(
      ([command, answer]) => {
        window.fakeDesk.answers[command] = answer;
      },
      [command, answer] as const,
    );
  }

  /** This command is heard, and not answered. */
  neverAnswer(command: string): Promise<void> {
    return this.page.evaluate((command) => {
      window.fakeDesk.answers[command] = new Promise(() => undefined);
    }, command);
  }

  loseCommands(commands: string[]): Promise<void> {
    return this.page.evaluate((commands) => {
      window.fakeDesk.unreachable = commands;
    }, commands);
  }

  /** Nothing is hard to see, to reach or to hear: axe with all its rules, contrast among them. */
  async expectAccessible(): Promise<void> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }))).toEqual([]);
  }

  /** Nothing that is read or pressed reaches beyond the window's edges, or stands in less room than a letter needs. */
  async expectNothingCutOff(): Promise<void> {
    const cut = await this.page.evaluate(() => {
      const isSeen = (element: Element): boolean =>
        element.checkVisibility({ visibilityProperty: true }) && element.closest('.visually-hidden') === null;
      return [...document.querySelectorAll('button, input, select, h1, h2, header p, header dd, section > p')]
        .filter((element) => isSeen(element))
        .filter((element) => {
          const { left, right, width } = element.getBoundingClientRect();
          // The statuses may be scrolled through sideways, if there is a line to see of them.
          const line = element.closest('.filter');
          if (line) return line.clientHeight < 24;
          return left < 0 || right > innerWidth + 0.5 || width < 12;
        })
        .map(({ outerHTML }) => outerHTML.slice(0, 160));
    });
    expect(cut).toEqual([]);
    const bar = this.page.getByRole('banner');
    if (await bar.count()) {
      expect((await bar.first().boundingBox())?.height, 'the bar leaves room for the page').toBeLessThan(170);
    }
  }
}

export const test = base.extend<{ desk: DeskPage }, { fakeDeskScript: string }>({
  fakeDeskScript: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads a fixture's needs from this pattern
    async ({}, use) => {
      const built = await build({
        configFile: false,
        logLevel: 'error',
        build: {
          write: false,
          lib: {
            entry: fileURLToPath(new URL('fake-desk.ts', import.meta.url)),
            formats: ['iife'],
            name: 'fakeDeskScript',
          },
        },
      });
      const [bundle] = [built].flat();
      if (!bundle || !('output' in bundle)) throw new Error('the fake desk was not bundled');
      await use(bundle.output[0].code);
    },
    { scope: 'worker' },
  ],
  /** A page whose console stays clean and whose policy is never broken. */
  desk: async ({ page, fakeDeskScript }, use) => {
    const complaints: string[] = [];
    // A browser asks for it; the app's webview does not.
    await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    // The page speaks with nobody but the desk.
    page.on('request', (request) => {
      if (!request.url().startsWith('http://localhost:')) complaints.push(`a request to ${request.url()}`);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await use(new DeskPage(page, fakeDeskScript));
    expect(complaints).toEqual([]);
  },
});
