import { Registry } from 'prom-client';
import { EventWriter } from '#service/writing/event-writer';
import { writerMetrics } from '#service/writing/metrics';
import { WriteTurns } from '#service/writing/write-turns';
import { MemoryLog } from '#message-log/memory/memory-log';
import { MovableClock } from '../../../test/support/movable-clock.ts';

const EVENT_BYTES_MAX = 65_536;

/** An event of that many bytes as JSON, most of them in letters of that kind. */
function eventOf(bytes: number, letter: string): object {
  const event = { type: 'device.active', user_id: '@a:x', note: '' };
  const left = bytes - Buffer.byteLength(JSON.stringify(event));
  const letters = Math.floor(left / Buffer.byteLength(letter));
  const note = letter.repeat(letters) + 'x'.repeat(left - letters * Buffer.byteLength(letter));
  return { ...event, note };
}

test('a status message that is not well-formed is refused, and one of whole pairs is not', async () => {
  const log = new MemoryLog({ logId: 'log', partitionCount: 1, clock: new MovableClock() });
  const writer = new EventWriter(log);
  const status = (status_msg: string): object => ({ type: 'status.set', user_id: '@a:x', status_msg });
  await expect(writer.write([status('fine'), status('cut: \ud83d')])).rejects.toMatchObject({
    errcode: 'M_BAD_JSON',
    more: {
      fields: { faults: [{ index: 1, error: expect.stringMatching(/^status.set: status_msg is not well-formed/) }] },
    },
  });
  expect(await log.range('events', 0)).toEqual({ first: 0, next: 0 });
  expect(await writer.write([status('whole: \ud83d\ude42'), status('')])).toBe(2);
});

test.each(['x', 'ä', '€', '🙂'])('an event may take 65536 bytes, whatever its letters are (%s)', async (letter) => {
  const log = new MemoryLog({ logId: 'log', partitionCount: 1, clock: new MovableClock() });
  const writer = new EventWriter(log);
  expect(await writer.write([eventOf(EVENT_BYTES_MAX, letter)])).toBe(1);
  await expect(writer.write([eventOf(EVENT_BYTES_MAX + 1, letter)])).rejects.toThrow(
    'Event 0: the event is longer than 65536 bytes',
  );
  expect(await log.range('events', 0)).toEqual({ first: 0, next: 1 });
});

test('what came to be written is counted, and what became of it', async () => {
  const log = new MemoryLog({ logId: 'log', partitionCount: 2, clock: new MovableClock() });
  const registry = new Registry();
  const writer = new EventWriter(log, null, writerMetrics(registry));
  const event = { type: 'device.active', user_id: '@a:x' };
  await writer.write([event, event, { type: 'source.alive', source_id: 's', ttl_ms: 1_000 }]);
  await expect(writer.write([event, { type: 'tick' }])).rejects.toThrow('tick is not for upstream services');
  await log.close();
  await expect(writer.write([event])).rejects.toThrow('The log is closed.');
  const lines = (await registry.metrics()).split('\n').filter((line) => /^presently.* [1-9]/.test(line));
  expect(lines).toEqual([
    'presently_events_taken_total 6',
    'presently_events_appended_total 3',
    'presently_events_refused_total{reason="bad"} 2',
    'presently_events_refused_total{reason="unavailable"} 1',
  ]);
});

test('events of sources that would become more records than ever can wait are refused for good', async () => {
  const log = new MemoryLog({ logId: 'log', partitionCount: 64, clock: new MovableClock() });
  const writer = new EventWriter(log);
  const alive = (count: number): object[] =>
    Array.from({ length: count }, (_, n) => ({ type: 'source.alive', source_id: `g${n}`, ttl_ms: 1_000 }));
  await expect(writer.write(alive(1_563))).rejects.toMatchObject({ errcode: 'M_TOO_LARGE' });
  expect(await log.range('events', 0)).toEqual({ first: 0, next: 0 });
  expect(await writer.write(alive(1_562))).toBe(1_562);
});

/** A log that does not answer until it is told to. */
class SlowLog extends MemoryLog {
  private release: () => void = () => undefined;
  private readonly released = new Promise<void>((resolve) => (this.release = resolve));

  goOn(): void {
    this.release();
  }

  override async append(...args: Parameters<MemoryLog['append']>): ReturnType<MemoryLog['append']> {
    await this.released;
    return super.append(...args);
  }
}

test('while the log is slow, 64 MiB of records wait, and more are told when to come again', async () => {
  const log = new SlowLog({ logId: 'log', partitionCount: 1, clock: new MovableClock() });
  const writer = new EventWriter(log);
  const eightMib = Array.from({ length: 128 }, () => eventOf(EVENT_BYTES_MAX, 'x'));
  const waiting = Array.from({ length: 8 }, () => writer.write(eightMib));
  const refused = { errcode: 'M_LIMIT_EXCEEDED', more: { retryAfterMs: expect.any(Number) } };
  await expect(writer.write([{ type: 'device.active', user_id: '@a:x' }])).rejects.toMatchObject(refused);
  log.goOn();
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => 128));
  expect(await writer.write(eightMib)).toBe(128);
  expect((await log.range('events', 0)).next).toBe(9 * 128);
});

test('what comes in bulk has no turn any more after a while, and is counted as refused', async () => {
  const clock = new MovableClock();
  const log = new MemoryLog({ logId: 'log', partitionCount: 1, clock });
  const registry = new Registry();
  const writer = new EventWriter(log, null, writerMetrics(registry), new WriteTurns(clock));
  const many = Array.from({ length: 1_000 }, () => ({ type: 'device.active', user_id: '@a:x' }));
  expect(await writer.writeInTurn(many)).toBe(1_000);
  const late = writer.writeInTurn(many);
  clock.move(5_001);
  await expect(late).rejects.toMatchObject({ errcode: 'M_LIMIT_EXCEEDED' });
  expect(await writer.write(many)).toBe(1_000); // this node's own, and users', need no turn
  expect(await registry.getSingleMetricAsString('presently_events_refused_total')).toContain('{reason="busy"} 1000');
  expect((await log.range('events', 0)).next).toBe(2_000);
});
