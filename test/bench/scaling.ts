import type { StateRecord } from '#domain/state-records';
import { KafkaLog } from '#message-log/kafka/kafka-log';
import { systemClock } from '#runtime/clock/system-clock';
import { readAll } from '../contract/reading.ts';
import { parseLines } from '../support/cli.ts';
import { startKafkaCluster } from '../support/kafka/start-kafka-cluster.ts';
import { KafkaApps } from '../support/kafka-apps.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { traceFile } from '../support/trace.ts';

/**
 * `npm run scaling`: how long 1, 2 and 4 projectors take for the events of TRACE_FILE on 4 partitions of one broker, and how
 * long it takes until the partitions of one that is killed are folded by another.
 */
const PARTITIONS = 4;

interface Assigned {
  readonly event: string;
  readonly time: string;
}

const assignedAt = ({ process }: ServerProcess): number[] =>
  parseLines<Assigned>(process.errors)
    .filter(({ event }) => event === 'projector.partition.assigned')
    .map(({ time }) => Date.parse(time));

/** Where the last checkpoint of a partition stands, and when it was written. */
async function lastCheckpoint(log: KafkaLog, partition: number): Promise<{ offset: number; at: number }> {
  const last = (await readAll(log, 'state', partition)).findLast(({ key }) => key === 'checkpoint');
  const record = JSON.parse(last?.value?.toString() ?? '{"kind":"none"}') as StateRecord;
  return { offset: record.kind === 'checkpoint' ? record.next[0] : 0, at: last?.timestamp ?? 0 };
}

async function foldedAt(log: KafkaLog): Promise<number> {
  let latest = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { next } = await log.range('events', partition);
    for (;;) {
      const { offset, at } = await lastCheckpoint(log, partition);
      latest = Math.max(latest, at);
      if (offset >= next) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return latest;
}

async function measure(apps: KafkaApps, log: KafkaLog, count: number): Promise<string[]> {
  const projectors = await Promise.all(Array.from({ length: count }, () => apps.start('projector')));
  const end = await foldedAt(log);
  const begin = Math.min(...projectors.flatMap(assignedAt));
  let events = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) events += (await log.range('events', partition)).next;
  const seconds = (end - begin) / 1_000;
  const [killed, ...others] = projectors;
  const before = others.flatMap(assignedAt).length;
  const killedAt = Date.now();
  await killed?.process.kill('SIGKILL');
  let takeover = '';
  while (others.length > 0 && takeover === '') {
    const after = others.flatMap(assignedAt);
    if (after.length > before) takeover = ((Math.max(...after) - killedAt) / 1_000).toFixed(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const { process } of others) await process.kill('SIGTERM');
  return [String(count), seconds.toFixed(2), Math.round(events / seconds).toLocaleString('en'), takeover];
}

const cluster = await startKafkaCluster();
try {
  const file = traceFile();
  const rows = [['projectors', 'seconds', 'events/s', 'take-over s']];
  for (const count of [1, 2, 4]) {
    const apps = new KafkaApps(cluster.connection, { KAFKA_SESSION_TIMEOUT_MS: '10000' });
    await apps.run('import', file);
    const prefix = apps.env.PRESENTLY_TOPIC_PREFIX ?? '';
    const log = await KafkaLog.open({ ...cluster.connection, clientId: 'scaling', prefix, clock: systemClock });
    rows.push(await measure(apps, log, count));
    await log.close();
  }
  for (const row of rows) process.stdout.write(`${row.map((cell) => cell.padStart(12)).join('')}\n`);
} finally {
  await cluster.dispose();
}
