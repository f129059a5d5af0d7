import { jest } from '@jest/globals';
import { describeKafka } from '../support/kafka/describe-kafka.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import { LIVE_SETTINGS, playLive } from '../support/live-load.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { traceFile } from '../support/trace.ts';

jest.setTimeout(400_000);
temporaryDirectory(); // ends the processes

describeKafka('the three apps on Kafka', (connection) => {
  test('live traffic: the same as in one process, also when clients resume on the other node and a projector is killed', async () => {
    const file = traceFile();
    const apps = new KafkaApps(connection(), LIVE_SETTINGS);
    expect(await apps.run('topics', 'create', '--partitions', '4')).toMatch(/4 partitions each, as they must be/);
    const [ingest, projectors, delivery] = await Promise.all([
      apps.start('ingest'),
      Promise.all([apps.start('projector'), apps.start('projector')]),
      Promise.all([apps.start('delivery'), apps.start('delivery')]),
    ]);
    const all = [ingest, ...projectors, ...delivery];
    for (const server of all) await server.ready();
    await playLive({
      file,
      ingest,
      delivery,
      rate: 6_000,
      meanwhile: async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await projectors[0]?.process.kill('SIGKILL');
      },
      endAndReplay: async () => {
        for (const { process } of [ingest, ...projectors.slice(1), ...delivery]) {
          expect(await process.kill('SIGTERM')).toBe(0);
        }
        return apps.run('replay', '--log');
      },
    });
  });
});
