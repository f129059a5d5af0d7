import fc from 'fast-check';
import { RECORDS } from './corpus.ts';
import { number, shape, text } from './values.ts';

export const USERS = ['@a:example', '@b:example', '@a|b%7C:example', '@\u{1F600}\0:x'];

const MINUTE_MS = 60_000;

/** Most often the first of all, so that much comes together. */
const user = fc.constantFrom('@a:example', '@a:example', ...USERS);
const name = fc.constantFrom('d', 'd', 'd', 'e', '__proto__', 'constructor', ' ', '\u{1F600}', 'a|b%', 'x'.repeat(255));
const duration = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(1, 15_000, 30_000, MINUTE_MS, 10 * MINUTE_MS) },
  { weight: 1, arbitrary: number },
);
const ts = fc.option(
  fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 100 * MINUTE_MS }) }, { weight: 1, arbitrary: number }),
);
const presence = fc.constantFrom('online', 'unavailable');
const message = fc.oneof(fc.constantFrom('hi', '', null), text);
const device = { device_id: name };

type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** The fields of each type: those that it has to have, and others. */
const FIELDS: Readonly<Record<string, readonly [Fields, Fields]>> = {
  'device.connected': [{}, { ...device, connection_id: name, presence, source_id: name, ttl_ms: duration, ts }],
  'device.disconnected': [{}, { ...device, connection_id: name, reason: fc.constantFrom('logout', 'error'), ts }],
  'device.active': [{}, { ...device, ttl_ms: duration, ts }],
  'device.presence': [{ presence }, { ...device, ts }],
  'status.set': [
    {},
    { ...device, presence: fc.constantFrom('online', 'unavailable', 'offline'), status_msg: message, ts },
  ],
  'room.joined': [{ room_id: name }, {}],
  'room.left': [{ room_id: name }, {}],
  'list.invited': [{ observed: user, invitation: name }, {}],
  'list.dropped': [{ observed: user, invitation: name }, {}],
  'list.accepted': [{ owner: user, invitation: name }, {}],
  'list.denied': [{ owner: user, invitation: name }, {}],
  'visibility.set': [
    { show_to: fc.constantFrom('everyone', 'contacts', 'nobody'), blocked: fc.array(user, { maxLength: 3 }) },
    {},
  ],
  'user.removed': [{}, { ts }],
  'source.alive': [{ source_id: name, ttl_ms: duration }, {}],
  'source.gone': [{ source_id: name }, {}],
  'policy.set': [
    {},
    { idleAfterMs: duration, activeForMs: duration, offlineAfterMs: duration, unheardForMs: duration },
  ],
  tick: [{}, {}],
};
const OF_PARTITION = /^(source|policy|tick)/;

const eventOfType = ([type, [required, optional]]: [string, readonly [Fields, Fields]]): fc.Arbitrary<object> => {
  const always: Fields = {
    type: fc.constant(type),
    ...(OF_PARTITION.test(type) ? {} : { user_id: user }),
    ...required,
  };
  const good = fc.record({ ...always, ...optional }, { requiredKeys: Object.keys(always) });
  return fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: shape({ ...always, ...optional }) });
};

/** How often there are some types; the others once. */
const WEIGHTS: Readonly<Record<string, number>> = { 'device.connected': 6, 'device.active': 3, 'status.set': 3 };

/** An event of any type, most often as it should be. */
export const event: fc.Arbitrary<object> = fc.oneof(
  ...Object.entries(FIELDS).map((entry) => ({ weight: WEIGHTS[entry[0]] ?? 1, arbitrary: eventOfType(entry) })),
);

/** Bytes with some cut out somewhere, and others put in. */
const mutated = (bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc.tuple(bytes, fc.nat(), fc.nat({ max: 8 }), fc.uint8Array({ maxLength: 4 })).map(([good, at, cut, put]) => {
    const from = at % (good.length + 1);
    return Buffer.concat([good.subarray(0, from), put, good.subarray(from + cut)]);
  });

const ofEvent = event.map((value) => Buffer.from(JSON.stringify(value)));

/** The value of a record: mostly an event, now and then with other bytes, of the corpus, or any bytes at all. */
export const value: fc.Arbitrary<Buffer | null> = fc.oneof(
  { weight: 40, arbitrary: ofEvent },
  { weight: 8, arbitrary: mutated(ofEvent) },
  { weight: 4, arbitrary: fc.constantFrom(...RECORDS) },
  { weight: 1, arbitrary: mutated(fc.constantFrom(...RECORDS)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constant(null) },
);
