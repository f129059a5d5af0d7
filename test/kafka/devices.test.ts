import { jest } from '@jest/globals';
import { parseLines } from '../support/cli.ts';
import type { ReplayLine } from '../support/cli.ts';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import type { StreamEvent } from '../support/live-client.ts';
import { StreamClient } from '../support/stream-client.ts';
import { SyncStream } from '../support/sync-stream.ts';
import { WsClient } from '../support/ws-client.ts';

jest.setTimeout(120_000);
const TTL_MS = 3_000;
const GRACE_MS = 3_000;
const SETTINGS = { PRESENTLY_SOURCE_TTL_MS: String(TTL_MS), PRESENTLY_OFFLINE_AFTER_MS: String(GRACE_MS) };

const isOffline = ({ data }: StreamEvent, user: string): boolean =>
  data.sender === user && data.content?.presence === 'offline';

describeKafka('being connected to a delivery node', (connection) => {
  test('a node that is killed leaves no ghosts, and whoever comes back on another was never away', async () => {
    const apps = new KafkaApps(connection(), SETTINGS);
    await apps.run('topics', 'create', '--partitions', '2');
    const [ingest, projector, dying, other] = await Promise.all([
      apps.start('ingest'),
      apps.start('projector'),
      apps.start('delivery'),
      apps.start('delivery'),
    ]);
    for (const server of [ingest, projector, dying, other]) await server.ready();
    const users = ['@watcher:x', '@ws-back:x', '@sse-back:x', '@sync-back:x', '@gone:x'];
    await ingest.accept(...users.map((user_id) => ({ type: 'room.joined', user_id, room_id: '!r:x' })));
    const watcher = new StreamClient(other.url, '@watcher:x/D');
    await watcher.event(({ type }) => type === 'snapshot'); // or others might be in it

    const visible = { setPresence: 'none' } as const;
    const before = [
      new WsClient(dying.url, '@ws-back:x/D', visible),
      new StreamClient(dying.url, '@sse-back:x/D', visible),
      new SyncStream(dying.url, '@sync-back:x/D', visible),
      new WsClient(dying.url, '@gone:x/D', visible),
    ];
    for (const user of users.slice(1)) await watcher.presence(user, 'online');

    await dying.process.kill('SIGKILL');
    const killedAt = Date.now();
    await Promise.all(before.map((client) => client.close()));
    const after = [
      new WsClient(other.url, '@ws-back:x/D', visible),
      new StreamClient(other.url, '@sse-back:x/D', visible),
      new SyncStream(other.url, '@sync-back:x/D', visible),
    ];
    const toldBefore = watcher.events.length;
    await watcher.event((event) => watcher.events.indexOf(event) >= toldBefore && isOffline(event, '@gone:x'));
    expect(Date.now() - killedAt).toBeLessThan(TTL_MS + GRACE_MS + 3_000);
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS)); // whoever was to go by the old lease has gone by now
    await Promise.all([...after, watcher].map((client) => client.close()));
    for (const { process } of [ingest, projector, other]) expect(await process.kill('SIGTERM')).toBe(0);

    const announced = parseLines<ReplayLine>(await apps.run('replay', '--log'));
    const of = (user: string): string[] =>
      announced.filter(({ user_id }) => user_id === user).map(({ presence }) => presence);
    for (const user of ['@ws-back:x', '@sse-back:x', '@sync-back:x']) expect(of(user)).toEqual(['online']);
    expect(of('@gone:x')).toEqual(['online', 'offline']);
    expect(of('@watcher:x')).toEqual([]);
  });
});
