import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeBySchema, decodeEvent } from '#domain/events';

const TYPES = [
  'device.connected',
  'device.disconnected',
  'device.active',
  'device.presence',
  'status.set',
  'room.joined',
  'room.left',
];

/** Good values, bad ones, and those at the edge of being good. */
const value = fc.oneof(
  fc.constantFrom('@a:x', 'PHONE', 'online', 'unavailable', 'offline', 'logout'),
  fc.constantFrom(null, undefined, '', 'away', true, 0, -0, 1, -1, 0.5, 2 ** 53, NaN, '1', {}, ['online']),
  fc.constantFrom('x'.repeat(255), 'x'.repeat(256), 'é'.repeat(128), '\ud800', 'x'.repeat(1_024), '€'.repeat(342)),
  fc.string({ unit: 'binary', maxLength: 90 }),
);
const likely = <Value>(good: Value) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: value });
const field = fc.option(value, { nil: undefined, freq: 2 });
const event = fc.record(
  {
    type: fc.constantFrom(...TYPES),
    ts: likely<unknown>(1_700_000_000_000),
    user_id: likely<unknown>('@a:x'),
    room_id: likely<unknown>('!r:x'),
    presence: likely<unknown>('online'),
    device_id: field,
    connection_id: field,
    source_id: field,
    ttl_ms: field,
    reason: field,
    status_msg: field,
    unknown: field,
  },
  { requiredKeys: ['type'] },
);

test('the fast way to read an event gives what its schema gives', () => {
  let good = 0;
  fc.assert(
    fc.property(event, (value) => {
      const decoded = decodeEvent(value);
      const bySchema = decodeBySchema(value.type, value);
      expect(decoded).toEqual(bySchema);
      // In bytes, too: an event is written as it was read.
      expect(JSON.stringify(decoded)).toBe(JSON.stringify(bySchema));
      if ('event' in decoded) good++;
    }),
    { seed: 1, numRuns: 5_000 },
  );
  expect(good).toBeGreaterThan(500);
});
