import { EventWriter } from '#service/writing/event-writer';
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

test.each(['x', 'ä', '€', '🙂'])('an event may take 65536 bytes, whatever its letters are (%s)', async (letter) => {
  const log = new MemoryLog({ logId: 'log', partitionCount: 1, clock: new MovableClock() });
  const writer = new EventWriter(log);
  expect(await writer.write([eventOf(EVENT_BYTES_MAX, letter)])).toBe(1);
  await expect(writer.write([eventOf(EVENT_BYTES_MAX + 1, letter)])).rejects.toThrow(
    'Event 0: the event is longer than 65536 bytes',
  );
  expect(await log.range('events', 0)).toEqual({ first: 0, next: 1 });
});
