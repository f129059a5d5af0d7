import { readEventFile } from '#cli/event-file';
import { SeededRandom } from '#runtime/clock/seeded-random';
import type { ReplayLine } from './cli.ts';
import { parseLines, presently } from './cli.ts';
import type { Told, Transport } from './live-view.ts';
import { CutSubscriber, stateText } from './live-view.ts';
import type { ServerProcess } from './server-process.ts';
import { StreamClient } from './stream-client.ts';
import { SyncStream } from './sync-stream.ts';
import { WsClient } from './ws-client.ts';

const WATCHER = '@watcher:here';
const STRANGER = '@stranger:here';
const TRANSPORTS = [StreamClient, WsClient, SyncStream];
const SETTLE_MS = 4_000;

/** Short times, so that all that is due after the load has fallen due soon, and rooms of any size. */
export const LIVE_SETTINGS = {
  PRESENTLY_IDLE_AFTER_MS: '1500',
  PRESENTLY_ACTIVE_FOR_MS: '400',
  PRESENTLY_OFFLINE_AFTER_MS: '500',
  PRESENTLY_UNHEARD_FOR_MS: '0',
  PRESENTLY_ROOM_MEMBERS_MAX: '1000000',
};

export interface LiveLoad {
  readonly file: string;
  readonly ingest: ServerProcess;
  /** Where subscribers are served; one that was cut goes on at the next. */
  readonly delivery: readonly ServerProcess[];
  readonly rate: number;
  /** Ends the servers, and returns what a replay of their log prints. */
  readonly endAndReplay: () => Promise<string>;
  /** Called while the load is played. */
  readonly meanwhile?: () => Promise<void>;
}

/**
 * Plays an event file as live traffic, while on each transport one subscriber watches, another is cut again and again, and a
 * stranger watches too. Then checks that each was told, per user, an ordered subsequence of the announcements, nothing twice after its token,
 * ending in the fold's state; and the stranger nothing.
 */
export async function playLive({ file, ingest, delivery, rate, endAndReplay, meanwhile }: LiveLoad): Promise<void> {
  const { rooms, ever, finally: stillThere } = await members(file);
  await ingest.accept(...[...rooms].map((room_id) => ({ type: 'room.joined', user_id: WATCHER, room_id })));
  const urls = delivery.map(({ url }) => url);
  const watch = (Client: Transport, user: string): CutSubscriber => new CutSubscriber(Client, urls, `${user}/D`);
  const steady = TRANSPORTS.map((Client) => watch(Client, WATCHER));
  const cut = TRANSPORTS.map((Client) => watch(Client, WATCHER));
  const strangers = TRANSPORTS.map((Client) => watch(Client, STRANGER));
  const everybody = [...steady, ...cut, ...strangers];
  for (const watcher of everybody) await watcher.ready();

  let isLoading = true;
  const loading = presently('load', file, '--url', ingest.url, '--rate', String(rate)).finally(
    () => (isLoading = false),
  );
  const disturbing = meanwhile?.();
  const random = new SeededRandom(1);
  while (isLoading) {
    await new Promise((resolve) => setTimeout(resolve, 20 + random.below(200)));
    await random.pick(cut).cut();
  }
  await loading;
  await disturbing;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await Promise.all(everybody.map((watcher) => watcher.end()));
  for (const { cuts } of cut) expect(cuts).toBeGreaterThan(1);

  const announced = announcedTexts(await endAndReplay());
  for (const watcher of [...steady, ...cut]) {
    expect(watcher.told.length).toBeGreaterThan(1_000);
    const told = groupBy(watcher.told, ({ userId }) => userId);
    expect([...told.keys()].filter((user) => user !== WATCHER && !ever.has(user))).toEqual([]);
    const faults = [...told].map(([user, all]) => fault(all, announced.get(user) ?? []));
    expect(faults.filter((text) => text !== null)).toEqual([]);
    const wrong = [...ever].flatMap((user) => {
      const last = told.get(user)?.at(-1)?.state ?? null;
      const isOffline = stateText('offline', false, null);
      const is = stillThere.has(user) ? (last ?? isOffline) : last;
      const expected = stillThere.has(user) ? (announced.get(user)?.at(-1) ?? isOffline) : null;
      return is === expected ? [] : [`${user}: ${is}, and should be ${expected}`];
    });
    expect(wrong).toEqual([]);
  }
  for (const { told } of strangers) expect(told.filter(({ userId }) => userId !== STRANGER)).toEqual([]);
}

/** What was announced of each user, in order. */
function announcedTexts(replay: string): Map<string, string[]> {
  const lines = groupBy(parseLines<ReplayLine>(replay), ({ user_id }) => user_id);
  return new Map(
    [...lines].map(([user, all]) => [
      user,
      all.map((line) => stateText(line.presence, line.currently_active, line.status_msg)),
    ]),
  );
}

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
