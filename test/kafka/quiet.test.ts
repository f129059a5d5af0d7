import { jest } from '@jest/globals';
import type { ReplayLine } from '../support/cli.ts';
import { parseLines } from '../support/cli.ts';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import { StreamClient } from '../support/stream-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

jest.setTimeout(400_000);
temporaryDirectory(); // ends the processes

const BOB = '@bob:x';
const SETTINGS = {
  PRESENTLY_IDLE_AFTER_MS: '2500',
  PRESENTLY_ACTIVE_FOR_MS: '1200',
  PRESENTLY_OFFLINE_AFTER_MS: '3700',
};

describeKafka('a quiet Kafka', (connection) => {
  test('still goes idle and offline: stamped with the deadline, and told within a second of it', async () => {
    const apps = new KafkaApps(connection(), SETTINGS);
    await apps.run('topics', 'create');
    const [ingest, projector, delivery] = await Promise.all([
      apps.start('ingest'),
      apps.start('projector'),
      apps.start('delivery'),
    ]);
    for (const server of [ingest, projector, delivery]) await server.ready();
    const alice = new StreamClient(delivery.url, '@alice:x/D');
    await alice.event(({ type }) => type === 'snapshot');
    await ingest.accept(
      { type: 'room.joined', user_id: '@alice:x', room_id: '!r:x' },
      { type: 'room.joined', user_id: BOB, room_id: '!r:x' },
      { type: 'device.active', user_id: BOB, device_id: 'D' },
    );
    const arrivals: number[] = [];
    for (const isIt of ['online true', 'online false', 'unavailable undefined', 'offline undefined']) {
      await alice.event(
        ({ data }) => data.sender === BOB && `${data.content?.presence} ${data.content?.currently_active}` === isIt,
      );
      arrivals.push(Date.now());
    }
    await alice.close();
    for (const { process } of [ingest, projector, delivery]) expect(await process.kill('SIGTERM')).toBe(0);

    const told = parseLines<ReplayLine>(await apps.run('replay', '--log', '--user', BOB));
    const active = told[0]?.last_active_ts ?? NaN;
    expect(told.map(({ ts, presence, cause }) => [ts - active, presence, cause.type])).toEqual([
      [0, 'online', 'device.active'],
      [1_200, 'online', 'inactive'],
      [2_500, 'unavailable', 'idle'],
      [3_700, 'offline', 'disconnected'],
    ]);
    for (const [index, { ts }] of told.entries()) {
      const lateMs = (arrivals[index] ?? NaN) - ts;
      expect({ index, isInTime: lateMs < 1_000, lateMs: Math.max(lateMs, 0) }).toMatchObject({ index, isInTime: true });
    }
  });
});
