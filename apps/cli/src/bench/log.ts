import { join } from 'node:path';
import type { MessageLog } from '#message-log/message-log';
import { BareKafka } from './bare/kafka.ts';
import { BareLmdb } from './bare/lmdb.ts';
import type { Benchmark, BenchmarkContext, BenchmarkResult, Goal } from './benchmark.ts';
import type { FilledRecord, LogPlace } from './log-places.ts';
import { appendAll, logPlaces, PARTITIONS } from './log-places.ts';
import { atLeast, Measured, ratio, timeMs } from './measure.ts';
import { Trace } from './trace.ts';
import { traceRecords } from './trace-records.ts';

const EVENTS = 200_000;
const EVENTS_QUICK = 2_000;
const RATIO_MIN = 0.8;

async function run(context: BenchmarkContext): Promise<BenchmarkResult> {
  const { isQuick, runs } = context;
  const measured = new Measured();
  const goals: Goal[] = [];
  const blocks = [...traceRecords(await Trace.load(isQuick), isQuick ? EVENTS_QUICK : EVENTS)];
  const places = logPlaces(context);
  for (const place of places) {
    for (let count = 0; count <= runs; count++) {
      context.say(`${place.name}: ${count === 0 ? 'warming up' : `run ${count} of ${runs}`}`);
      await compare(place, `log-${count}`, context, blocks, count === 0 ? new Measured() : measured);
    }
    const { append, read, bareAppend, bareRead } = names(place);
    const [ours, theirs] = [measured.get.bind(measured), measured.get.bind(measured)];
    goals.push(
      atLeast(RATIO_MIN, `${append}: at least 0.8 of ${bareAppend}`, ratio(ours(append), theirs(bareAppend))),
      atLeast(RATIO_MIN, `${read}: at least 0.8 of ${bareRead}`, ratio(ours(read), theirs(bareRead))),
    );
  }
  const notes = [`Records are events of some 110 bytes, about a thousand an append, in ${PARTITIONS} partitions.`];
  if (places.length === 1) notes.push('KAFKA_BROKERS is not set: Kafka was left out.');
  return { measurements: measured.measurements, goals, notes };
}

function names({ name }: LogPlace) {
  const client = name === 'LMDB' ? 'lmdb' : 'kafkajs';
  return {
    append: `${name}: append`,
    bareAppend: `${client} alone: append`,
    read: `${name}: read`,
    bareRead: `${client} alone: read`,
  };
}

async function compare(
  place: LogPlace,
  name: string,
  { directory, brokers }: BenchmarkContext,
  blocks: readonly (readonly FilledRecord[])[],
  measured: Measured,
): Promise<void> {
  const { append, read, bareAppend, bareRead } = names(place);
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const rate = (what: string, ms: number): void => measured.add(what, 'records/s', (count * 1_000) / ms);
  const bare =
    place.name === 'LMDB'
      ? new BareLmdb(join(directory, `${name}-bare`))
      : await BareKafka.open(brokers ?? [], `${place.prefix(name)}bare`, PARTITIONS);
  rate(bareAppend, await timeMs(() => bare.append(blocks)));
  rate(bareRead, await timeMs(() => bare.read(count)));
  await bare.close();
  const log = await place.open(name);
  rate(append, await timeMs(() => appendAll(log, blocks)));
  rate(read, await timeMs(() => readAll(log, count)));
  await log.discard();
}

async function readAll(log: MessageLog, count: number): Promise<void> {
  const reading = Array.from({ length: log.partitionCount }, async (_, partition) => {
    let [records, bytes] = [0, 0];
    for await (const batch of log.read('events', partition, 0)) {
      records += batch.records.length;
      for (const { value } of batch.records) bytes += value?.length ?? 0;
    }
    return bytes > 0 ? records : 0;
  });
  const read = (await Promise.all(reading)).reduce((sum, records) => sum + records, 0);
  if (read !== count) throw new Error(`Of ${count} records ${read} were read.`);
}

export const log: Benchmark = {
  name: 'log',
  summary: 'append and read on each adapter, against its client alone',
  run,
};
