import { jest } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { ReplayLine } from '../support/cli.ts';
import { parseLines, presently } from '../support/cli.ts';
import { HttpServer, sendJson } from '../support/http-server.ts';
import { startStandalone } from '../support/standalone.ts';
import { SyncClient } from '../support/sync-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(60_000);
const directory = temporaryDirectory();

const ACTIVE_FOR_MS = 4_000;
const IDLE_AFTER_MS = 6_000;
/** More than the 10 s for which a client may pause between polls. */
const OFFLINE_AFTER_MS = 11_000;
/** What is 30 s with the times that are the default. */
const POLL_MS = 1_000;
const LONG_MS = IDLE_AFTER_MS + 3 * POLL_MS;
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

  /** Element: active, then idle, then back. */
  const element = async (): Promise<void> => {
    const polls = client('element');
    await polls.loop(3 * POLL_MS, { timeout: POLL_MS, set_presence: 'online' });
    await polls.loop(3 * POLL_MS, { timeout: POLL_MS, set_presence: 'unavailable' });
    await polls.loop(3 * POLL_MS, { timeout: POLL_MS, set_presence: 'online' });
  };
  /** It goes in the middle of a poll, for good; returns when. */
  const gone = async (): Promise<number> => {
    const polls = client('gone');
    await polls.loop(2 * POLL_MS, { timeout: POLL_MS });
    await polls.leave({ timeout: 30 * POLL_MS }, POLL_MS);
    const leftAt = Date.now();
    await watcher.until(({ view }) => view.get('@gone:x') === 'offline', { set_presence: 'offline' });
    return leftAt;
  };
  const [leftAt] = await Promise.all([
    gone(),
    element(),
    client('silent').loop(LONG_MS, { timeout: POLL_MS }),
    client('active').loop(LONG_MS, { timeout: POLL_MS, set_presence: 'online' }),
    client('active-long').loop(LONG_MS, { timeout: ACTIVE_FOR_MS + POLL_MS, set_presence: 'online' }),
  ]);
  await server.process.kill('SIGKILL'); // so that nothing more is told of those who poll

  const lines = parseLines<ReplayLine>(await presently('replay', '--log', '--data', directory.path()));
  const told = (user: string): ReplayLine[] => lines.filter(({ user_id }) => user_id === `@${user}:x`);
  const texts = (user: string): string[] =>
    told(user).map(({ presence, currently_active }) => `${presence}${currently_active ? ' active' : ''}`);
  const after = (user: string): number[] => told(user).map(({ ts }) => ts - (told(user)[0]?.ts ?? NaN));

  expect(texts('silent').slice(0, 3)).toEqual(['online active', 'online', 'unavailable']);
  expect(after('silent').slice(0, 3)).toEqual([0, ACTIVE_FOR_MS, IDLE_AFTER_MS]);
  console.log(lines.map((l) => JSON.stringify(l)).join('\n'), leftAt);
});
