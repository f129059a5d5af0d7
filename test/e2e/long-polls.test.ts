import { jest } from '@jest/globals';
import type { ReplayLine } from '../support/cli.ts';
import { parseLines, presently } from '../support/cli.ts';
import { HttpServer, sendJson } from '../support/http-server.ts';
import { startStandalone } from '../support/standalone.ts';
import { SyncClient } from '../support/sync-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(120_000);
const directory = temporaryDirectory();

type Query = Readonly<Record<string, string | number>>;

const ACTIVE_FOR_MS = 8_000;
const IDLE_AFTER_MS = 10_000;
/** More than the 10 s for which a client may pause between polls. */
const OFFLINE_AFTER_MS = 11_000;
/** What is 30 s with the times that are the default. */
const POLL_MS = 1_000;
/** By so much the server may notice later than the test. */
const NOTICED_MS_MAX = 1_000;

test('polls say what Element says: nothing, active, idle, and no more', async () => {
  const server = await startStandalone(directory.path(), {
    env: {
      PRESENTLY_ACTIVE_FOR_MS: String(ACTIVE_FOR_MS),
      PRESENTLY_IDLE_AFTER_MS: String(IDLE_AFTER_MS),
      PRESENTLY_OFFLINE_AFTER_MS: String(OFFLINE_AFTER_MS),
      PRESENTLY_ACTIVITY_EVERY_MS: '100',
    },
  });
  await server.ready();
  const client = (user: string): SyncClient => new SyncClient(server.url, `@${user}:x/ELEMENT`);
  const watcher = client('watcher');
  for (const user of ['watcher', 'gone']) {
    await server.accept({ type: 'room.joined', user_id: `@${user}:x`, room_id: '!r:x' });
  }

  let isOver = false;
  const untilOver = (polls: SyncClient, query: Query): Promise<void> => polls.until(() => isOver, query);
  const forPolls = (polls: SyncClient, count: number, query: Query): Promise<void> => {
    const until = Date.now() + count * POLL_MS;
    return polls.until(() => Date.now() >= until, query);
  };
  const element = async (): Promise<void> => {
    const polls = client('element');
    await forPolls(polls, 3, { timeout: POLL_MS, set_presence: 'online' });
    await forPolls(polls, 3, { timeout: POLL_MS, set_presence: 'unavailable' });
    await untilOver(polls, { timeout: POLL_MS, set_presence: 'online' });
  };
  /** It leaves in the middle of a poll, for good; returns when. */
  const gone = async (): Promise<number> => {
    const polls = client('gone');
    await forPolls(polls, 2, { timeout: POLL_MS });
    await polls.leave({ timeout: 30 * POLL_MS }, POLL_MS);
    const leftAt = Date.now();
    await watcher.until(({ view }) => view.get('@gone:x') === 'offline', { set_presence: 'offline' });
    isOver = true;
    return leftAt;
  };
  const [leftAt] = await Promise.all([
    gone(),
    element(),
    untilOver(client('silent'), { timeout: POLL_MS }),
    untilOver(client('active'), { timeout: POLL_MS, set_presence: 'online' }),
    untilOver(client('long'), { timeout: ACTIVE_FOR_MS + POLL_MS, set_presence: 'online' }),
    untilOver(client('hidden'), { timeout: POLL_MS, set_presence: 'offline' }),
  ]);
  await server.process.kill('SIGKILL');

  const lines = parseLines<ReplayLine>(await presently('replay', '--log', '--data', directory.path()));
  const told = (user: string): ReplayLine[] => lines.filter(({ user_id }) => user_id === `@${user}:x`);
  const texts = (user: string): string[] =>
    told(user).map(({ presence, currently_active }) => `${presence}${currently_active ? ' active' : ''}`);
  const silent = told('silent').map(({ ts }) => ts - (told('silent')[0]?.ts ?? NaN));

  expect(texts('silent')).toEqual(['online active', 'online', 'unavailable']);
  expect(silent).toEqual([0, ACTIVE_FOR_MS, IDLE_AFTER_MS]);
  expect(texts('active')).toEqual(['online active']);
  expect(texts('long')).toEqual(['online active']);
  expect(texts('element')).toEqual(['online active', 'unavailable', 'online active']);
  expect(texts('hidden')).toEqual([]);

  expect(texts('gone').at(-1)).toBe('offline');
  const lastPollEndedAt = (told('gone').at(-1)?.ts ?? NaN) - OFFLINE_AFTER_MS;
  expect(lastPollEndedAt).toBeGreaterThan(leftAt - NOTICED_MS_MAX);
  expect(lastPollEndedAt).toBeLessThan(leftAt + NOTICED_MS_MAX);
});

test('a client that leaves while its token is looked up leaves no poll behind', async () => {
  const known = { user_id: '@a:x', device_id: 'D' };
  const homeserver = await HttpServer.listening((_request, response) => sendJson(response, known));
  try {
    const server = await startStandalone(directory.path(), {
      env: {
        PRESENTLY_AUTH: 'matrix',
        PRESENTLY_HOMESERVER_URL: homeserver.url,
        PRESENTLY_WHOAMI_CACHE_MS: '0',
      },
    });
    await server.ready();
    const client = new SyncClient(server.url, 'secret');
    await client.sync({ set_presence: 'offline' });
    homeserver.answer = (_request, response) => void setTimeout(() => sendJson(response, known), 1_000);
    await client.leave({ timeout: 60_000 }, 300);
    await client.sync({ set_presence: 'offline' }); // looked up after the other
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics.match(/^presently_delivery_(device_)?connections \d+/gm)).toEqual([
      'presently_delivery_connections 0',
      'presently_delivery_device_connections 0',
    ]);
  } finally {
    await homeserver.close();
  }
});
