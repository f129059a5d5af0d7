import { jest } from '@jest/globals';
import { SeededRandom } from '#runtime/clock/seeded-random';
import { presently, parseLines } from '../support/cli.ts';
import type { ReplayLine } from '../support/cli.ts';
import type { Told } from '../support/live-view.ts';
import { CutSubscriber, stateText } from '../support/live-view.ts';
import { StandaloneProcess } from '../support/standalone-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { readEventFile } from '#cli/event-file';
import { traceFile } from '../support/trace.ts';

jest.setTimeout(180_000);
const directory = temporaryDirectory();
const WATCHER = '@watcher:here';
const STRANGER = '@stranger:here';
const SETTINGS = {
  PRESENTLY_IDLE_AFTER_MS: '1500',
  PRESENTLY_ACTIVE_FOR_MS: '400',
  PRESENTLY_OFFLINE_AFTER_MS: '500',
  PRESENTLY_UNHEARD_FOR_MS: '0',
  PRESENTLY_ROOM_MEMBERS_MAX: '1000000',
};

/** Who was in a room at some time, and who still is at the end of the file. */
async function members(file: string): Promise<{ rooms: Set<string>; ever: Set<string>; finally: Set<string> }> {
  const rooms = new Set<string>();
  const ever = new Set<string>();
  const pairs = new Set<string>();
  for await (const lines of readEventFile(file)) {
    for (const { decoded } of lines) {
      if ('refused' in decoded) continue;
      const { event } = decoded;
      if (event.type === 'room.joined') {
        rooms.add(event.room_id);
        ever.add(event.user_id);
        pairs.add(`${event.user_id} ${event.room_id}`);
      } else if (event.type === 'room.left') pairs.delete(`${event.user_id} ${event.room_id}`);
    }
  }
  return { rooms, ever, finally: new Set([...pairs].map((pair) => pair.split(' ')[0] ?? '')) };
}

const groupBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> => {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

/** What is told of one user is an ordered subsequence of what was announced of them; nothing twice unless it may repeat. */
function fault(told: readonly Told[], announced: readonly string[]): string | null {
  let at = -1;
  let mayRepeat = true;
  for (const one of told) {
    if (one.state === null) {
      mayRepeat = true;
      continue;
    }
    const from = Math.max(0, at + (mayRepeat || one.mayRepeat ? 0 : 1));
    const next = announced.indexOf(one.state, from);
    // Whoever was not announced yet is told as an offline user.
    if (at < 0 && one.state === stateText('offline', false, null)) continue;
    if (next < 0) {
      return `${one.userId} was told as ${one.state}, which is again, out of order, or not announced`;
    }
    at = next;
    mayRepeat = false;
  }
  return null;
}

test('live traffic: subscribers get an ordered subsequence, ending in the fold’s state, also when they are cut', async () => {
  const file = traceFile(directory.path());
  const server = await StandaloneProcess.start(directory.path(), { env: SETTINGS });
  await server.ready();
  const { rooms, ever, finally: stillThere } = await members(file);
  await server.accept(...[...rooms].map((room_id) => ({ type: 'room.joined', user_id: WATCHER, room_id })));
  const watchers = [WATCHER, WATCHER, STRANGER].map((user) => new CutSubscriber(server.url, `${user}/D`));
  const [steady, cut, stranger] = watchers as [CutSubscriber, CutSubscriber, CutSubscriber];
  await Promise.all(watchers.map((watcher) => watcher.ready()));

  let isLoading = true;
  const loading = presently('load', file, '--url', server.url, '--rate', '12000').finally(() => (isLoading = false));
  const random = new SeededRandom(1);
  while (isLoading) {
    await new Promise((resolve) => setTimeout(resolve, 50 + random.below(400)));
    await cut.cut();
  }
  expect(await loading).toMatch(/retries +0\n/);
  await new Promise((resolve) => setTimeout(resolve, 4_000)); // until all that is due has fallen due
  await Promise.all(watchers.map((watcher) => watcher.end()));
  expect(await server.process.kill('SIGTERM')).toBe(0);
  expect(cut.cuts).toBeGreaterThan(3);

  const lines = parseLines<ReplayLine>(await presently('replay', '--log', '--data', directory.path()));
  const announced = new Map(
    [...groupBy(lines, ({ user_id }) => user_id)].map(([user, all]) => [
      user,
      all.map((line) => stateText(line.presence, line.currently_active, line.status_msg)),
    ]),
  );
  for (const watcher of [steady, cut]) {
    const told = groupBy(watcher.told, ({ userId }) => userId);
    expect([...told.keys()].filter((user) => user !== WATCHER && !ever.has(user))).toEqual([]);
    const faults = [...told].map(([user, all]) => fault(all, announced.get(user) ?? []));
    expect(faults.filter((text) => text !== null)).toEqual([]);
    const wrong = [...ever].filter((user) => {
      const last = told.get(user)?.at(-1)?.state ?? null;
      const isOffline = stateText('offline', false, null);
      if (!stillThere.has(user)) return last !== null;
      return (last ?? isOffline) !== (announced.get(user)?.at(-1) ?? isOffline);
    });
    expect(wrong).toEqual([]);
  }
  expect(stranger.told.filter(({ userId }) => userId !== STRANGER)).toEqual([]);
  expect(steady.told.length).toBeGreaterThan(1_000);
});
