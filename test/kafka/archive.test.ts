import { jest } from '@jest/globals';
import type { StateRecord } from '#domain/state-records';
import { createKafkaLog } from '#message-log/kafka/create-log';
import type { KafkaLog } from '#message-log/kafka/kafka-log';
import { SeededRandom } from '#runtime/clock/seeded-random';
import { systemClock } from '#runtime/clock/system-clock';
import { readAll } from '../contract/reading.ts';
import { parseLines } from '../support/cli.ts';
import { describeKafka, describeKafkaCluster } from '../support/kafka/describe-kafka.ts';
import type { KafkaCluster } from '../support/kafka/kafka-cluster.ts';
import type { KafkaConnection } from '../support/kafka/kafka-connection.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { expectSameAsFile } from '../support/same-state.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { traceFile } from '../support/trace.ts';

jest.setTimeout(400_000);
temporaryDirectory(); // ends the processes
const KILLS = 10;
const ZOMBIES = 2;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Imports a file while projectors fold it and are disturbed. Checks that the announcements and the final states are the same
 * as those of the file. `disturb` takes out of the projectors those that it has ended, and returns them. Returns where
 * projectors began.
 */
async function expectSame(
  connection: KafkaConnection,
  projectorCount: number,
  disturb: (projectors: ServerProcess[], log: KafkaLog) => Promise<ServerProcess[]>,
): Promise<string[]> {
  const file = traceFile();
  const apps = new KafkaApps(connection);
  // The projectors first, because once there is something to fold it does not take long.
  const log = await createKafkaLog({
    ...connection,
    clientId: 'test',
    prefix: apps.env.PRESENTLY_TOPIC_PREFIX ?? '',
    clock: systemClock,
    partitionCount: 4,
    replicationFactor: -1,
    kind: 'archive',
    retentionMs: -1,
  });
  const projectors = await Promise.all(Array.from({ length: projectorCount }, () => apps.start('projector')));
  const importing = apps.run('import', file);
  const ended = await disturb(projectors, log);
  expect(await importing).toMatch(/^Imported \d+ events into Kafka .*, in 4 partitions\.\n$/);
  await Promise.all(projectors.map((projector) => projector.ready()));
  await caughtUp(log);
  for (const { process } of projectors) expect(await process.kill('SIGTERM')).toBe(0);

  await expectSameAsFile(file, await apps.run('replay', '--log'), log);
  await log.close();
  return [...ended, ...projectors].flatMap(startsOf);
}

describeKafka('an archive on Kafka gives what the file gives', (connection) => {
  test(`when projectors are killed ${KILLS} times, and ${ZOMBIES} times stopped for longer than their session`, async () => {
    const random = new SeededRandom(1);
    const starts = await expectSame(connection(), KILLS + 2, async (projectors) => {
      const killed: ServerProcess[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const busy = random.pick(await whoFolds(projectors));
        if (kill % (KILLS / ZOMBIES) === 1) {
          const zombie = random.pick(await whoFolds(projectors)).process.child;
          zombie.kill('SIGSTOP');
          await wait(3_000);
          zombie.kill('SIGCONT');
        }
        await wait(random.below(150));
        await busy.process.kill('SIGKILL');
        killed.push(...projectors.splice(projectors.indexOf(busy), 1));
      }
      return killed;
    });
    expect(new Set(starts).size).toBeGreaterThan(4); // else none was killed on its way
  });
});

describeKafkaCluster('an archive on three brokers gives what the file gives', () => {
  let cluster: KafkaCluster | undefined;
  afterEach(() => cluster?.dispose());

  test('when one of them is killed and returns', async () => {
    cluster = await startKafkaCluster({ brokerCount: 3 });
    const [broker] = cluster.brokers;
    await expectSame(cluster.connection, 2, async (_, log) => {
      while ((await log.range('events', 0)).next < 1_000) await wait(5); // the import is on its way
      await broker?.kill();
      await wait(4_000);
      broker?.start();
      await cluster?.ready();
      return [];
    });
  });
});

interface LogLine {
  readonly event: string;
  readonly partition?: number;
  readonly from?: number;
}

/** Where a projector began, by its own word. */
const startsOf = ({ process }: ServerProcess): string[] =>
  parseLines<LogLine>(process.errors)
    .filter(({ event }) => event === 'projector.partition.assigned')
    .map(({ partition, from }) => `${partition} from ${from}`);

/** Those who have been assigned a partition, as soon as there are any. */
async function whoFolds(projectors: readonly ServerProcess[]): Promise<ServerProcess[]> {
  for (;;) {
    const busy = projectors.filter((projector) => startsOf(projector).length > 0);
    if (busy.length > 0) return busy;
    await wait(5);
  }
}

/** Resolves when the last checkpoint of every partition is at the end of the events. */
async function caughtUp(log: KafkaLog): Promise<void> {
  for (let partition = 0; partition < log.partitionCount; partition++) {
    const { next } = await log.range('events', partition);
    for (let done = 0; done < next;) {
      const records = (await readAll(log, 'state', partition)).map(
        ({ value }) => JSON.parse(value?.toString() ?? '{}') as StateRecord,
      );
      const checkpoint = records.findLast((record) => record.kind === 'checkpoint');
      done = checkpoint?.kind === 'checkpoint' ? checkpoint.next[0] : 0;
    }
  }
}
