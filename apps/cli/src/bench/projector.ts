import { MemoryLog } from '#message-log/memory/memory-log';
import { systemClock } from '#runtime/clock/system-clock';
import type { Output } from './bare/kafka.ts';
import { BareKafka } from './bare/kafka.ts';
import type { Benchmark, BenchmarkContext, BenchmarkResult, Goal } from './benchmark.ts';
import { fillLog, logPlaces, PARTITIONS } from './log-places.ts';
import { atLeast, Measured, median, ratio, timeMs } from './measure.ts';
import { projectMs } from './running-apps.ts';
import { Trace } from './trace.ts';
import { traceRecords } from './trace-records.ts';

const EVENTS = 360_000;
const EVENTS_QUICK = 2_000;
const RATIO_MIN = 0.8;
const LMDB_EVENTS_PER_S_MIN = 150_000;

const BARE = 'kafkajs alone: consume, produce in transactions';
const whole = (name: string): string => `${name}: the whole projector`;

async function run(context: BenchmarkContext): Promise<BenchmarkResult> {
  const { brokers, isQuick, runs } = context;
  const measured = new Measured();
  const trace = await Trace.load(isQuick);
  const events = isQuick ? EVENTS_QUICK : EVENTS;
  const output = await outputOf(trace, events);
  const places = logPlaces(context);
  for (const place of places) {
    for (let count = 0; count <= runs; count++) {
      context.say(`${place.name}: ${count === 0 ? 'warming up' : `run ${count} of ${runs}`}`);
      const name = `projector-${count}`;
      const log = await place.open(name);
      const written = (await fillLog(log, 0, traceRecords(trace, events))) + PARTITIONS; // the policy's records
      const rate = (what: string, ms: number): void => {
        if (count > 0) measured.add(what, 'events/s', (written * 1_000) / ms);
      };
      rate(whole(place.name), await projectMs(log));
      if (place.name === 'Kafka') {
        const bare = await BareKafka.open(brokers ?? [], `${place.prefix(name)}bare`, PARTITIONS);
        rate(BARE, await timeMs(() => bare.consumeAndProduce(`${place.prefix(name)}events`, written, output)));
        await bare.close();
      }
      await log.discard();
    }
  }
  const goals: Goal[] = [];
  const notes = [
    `The events are those of ${trace.name}; for each, ${output.recordsPerEvent.toFixed(2)} records of ` +
      `${output.bytesPerRecord} bytes are written.`,
  ];
  if (places.length > 1) {
    const share = ratio(measured.get(whole('Kafka')), measured.get(BARE));
    goals.push(atLeast(RATIO_MIN, 'Kafka: at least 0.8 of kafkajs alone', share));
  } else notes.push('KAFKA_BROKERS is not set: Kafka was left out.');
  const speed = median(measured.get(whole('LMDB')).values);
  goals.push(atLeast(LMDB_EVENTS_PER_S_MIN, 'LMDB: at least 150,000 events/s', speed));
  return { measurements: measured.measurements, goals, notes };
}

/** What the projector writes for these events, found out on a log in memory. */
async function outputOf(trace: Trace, events: number): Promise<Output> {
  const log = new MemoryLog({ logId: 'bench', partitionCount: PARTITIONS, clock: systemClock, kind: 'archive' });
  const read = await fillLog(log, 0, traceRecords(trace, events));
  await projectMs(log);
  let [records, bytes] = [0, 0];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const batch of log.read('state', partition, 0)) {
      records += batch.records.length;
      for (const { key, value } of batch.records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
    }
  }
  return { recordsPerEvent: records / read, bytesPerRecord: Math.round(bytes / records) };
}

export const projector: Benchmark = {
  name: 'projector',
  summary: 'the whole projector, exactly once, against a bare consume and produce loop',
  run,
};
