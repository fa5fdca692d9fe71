import { describe, expect, test } from 'vitest';
import { openedOn, picture, reservation } from '../../e2e/pictures';
import { Clock } from './clock.svelte';
import { Inbox } from './inbox.svelte';
import type { Desk, InboxView } from './ipc/desk';

const nothing = (): Promise<null> => Promise.resolve(null);

function aDesk(change: Partial<Desk> = {}): Desk {
  return {
    listen: () => Promise.resolve(() => undefined),
    screen: () => Promise.resolve(picture()),
    pair: nothing,
    answerPairOffer: nothing,
    useOwnServer: nothing,
    openReservation: nothing,
    closeReservation: nothing,
    claim: nothing,
    release: nothing,
    setStatus: nothing,
    undo: nothing,
    setStaff: nothing,
    lookAt: nothing,
    showArrivals: nothing,
    exportDay: () => Promise.resolve({ file: null }),
    setAutostart: nothing,
    setLanguage: nothing,
    setTheme: nothing,
    setLetterKeys: nothing,
    setToastDetail: nothing,
    setNotifications: nothing,
    pause: nothing,
    testToast: nothing,
    doctor: nothing,
    quit: nothing,
    signOut: nothing,
    closeSettings: nothing,
    notePrint: nothing,
    print: nothing,
    setFullscreen: nothing,
    ...change,
  };
}

describe('following the desk', () => {
  test('asks only once it listens', async () => {
    const order: string[] = [];
    const desk = aDesk({
      listen: async () => {
        await Promise.resolve();
        order.push('listens');
        return () => undefined;
      },
      screen: () => {
        order.push('asks');
        return Promise.resolve(picture());
      },
    });
    await new Inbox(desk, new Clock(0)).follow();
    expect(order).toEqual(['listens', 'asks']);
  });

  test('keeps the newer of what it heard and what it was answered', async () => {
    let tell: (view: InboxView) => void = () => undefined;
    const desk = aDesk({
      listen: (onView) => {
        tell = onView;
        return Promise.resolve(() => undefined);
      },
      screen: () => {
        tell(picture({ revision: 8 }));
        return Promise.resolve(picture({ revision: 7 }));
      },
    });
    const inbox = new Inbox(desk, new Clock(0));
    await inbox.follow();
    expect(inbox.view?.revision).toBe(8);
    tell(picture({ revision: 8, version: 'again' }));
    expect(inbox.view?.version).not.toBe('again');
  });
});

describe('fresh rows', () => {
  const arrived = reservation();
  const before = picture({ day: [], otherDays: [] });
  const after = { ...before, revision: 2, day: [arrived] };

  function inboxAfter(...views: InboxView[]): { inbox: Inbox; clock: Clock } {
    const clock = new Clock(0);
    const inbox = new Inbox(aDesk(), clock);
    for (const view of views) inbox.receive(view);
    return { inbox, clock };
  }

  test('are those that came while someone looked, for a minute', () => {
    const { inbox, clock } = inboxAfter(before, after);
    expect([...inbox.fresh]).toEqual([arrived.id]);
    clock.now = Inbox.FRESH_MS;
    expect([...inbox.fresh]).toEqual([]);
  });

  test('are not the list that comes with the first connection', () => {
    const connecting = picture({ ...before, link: { state: 'connecting', since: null, reason: null } });
    expect([...inboxAfter(connecting, after).inbox.fresh]).toEqual([]);
  });

  test('include what came during an outage', () => {
    const offline = picture({ ...before, revision: 2, link: { state: 'offline', since: null, reason: null } });
    expect([...inboxAfter(before, offline, { ...after, revision: 3 }).inbox.fresh]).toEqual([arrived.id]);
  });

  test('are no longer fresh once opened, nor when closed again', () => {
    const opened = openedOn(arrived);
    const { inbox } = inboxAfter(before, after, { ...after, revision: 3, opened });
    expect([...inbox.fresh]).toEqual([]);
    inbox.receive({ ...after, revision: 4, opened: null });
    expect([...inbox.fresh]).toEqual([]);
  });
});

test('a wish that does not get through is told, until one does', async () => {
  const inbox = new Inbox(aDesk(), new Clock(0));
  expect(await inbox.send(Promise.reject(new Error('gone')))).toBe(false);
  expect(inbox.wishLost).toBe(true);
  expect(await inbox.send(nothing())).toBe(true);
  expect(inbox.wishLost).toBe(false);
});
