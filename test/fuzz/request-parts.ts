import fc from 'fast-check';
import { ATTACKER, BYSTANDER } from '../support/hostile/hostile-server.ts';
import { SPOILT } from './bodies.ts';
import { anyUserId, id, text } from './values.ts';

/** Now and then the other. */
export const rarely = <Value>(often: fc.Arbitrary<Value>, seldom: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 9, arbitrary: often }, { weight: 1, arbitrary: seldom });

/** A part of a path: encoded well or badly, or not at all, so far as a client can send it. */
const part = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(value, fc.constantFrom('well', 'well', 'well', 'badly', 'not')).map(([plain, how]) => {
    if (how === 'well') return encodeURIComponent(plain.toWellFormed());
    if (how === 'badly') return [...Buffer.from(plain)].map((byte) => `%${byte.toString(16)}`).join('');
    return plain.replace(/[^\x21-\x7e]|[?#]/g, '');
  });
export const anyPart = part(fc.oneof(anyUserId, id, text));
export const userPart = fc.oneof(
  { weight: 5, arbitrary: part(fc.constant(ATTACKER)) },
  { weight: 3, arbitrary: part(fc.constant(BYSTANDER)) },
  { weight: 2, arbitrary: anyPart },
);

const parameter = fc.tuple(
  fc.constantFrom('since', 'timeout', 'set_presence', 'full_state', 'filter', 'limit', 'from', 'pending', '__proto__'),
  fc.oneof(
    fc.constantFrom('', '0', '1', '20', '-1', '1.5', '1e3', 'x', 'true', 'false', 'online', 'offline', 'e30', '{}'),
    fc.constantFrom('{"presence":{"limit":1,"types":["*"]}}', '{"presence":{"senders":["@a:example"]}}', '%ff', '%00'),
    anyPart,
  ),
);
export const query = fc
  .array(parameter, { maxLength: 4 })
  .map((pairs) =>
    pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value.slice(0, 50)}`).join('&')}`,
  );

/** What a header can carry. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code === 0x7f ? 0x20 : code)),
});
const HEADERS = ['origin', 'accept', 'last-event-id', 'x-forwarded-for', 'content-encoding', 'range', 'te', 'cookie'];
export const headers = rarely(
  fc.constant<Record<string, string>>({}),
  fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 3 }),
);

const CONTENT_TYPES = [
  'application/json; charset=utf-8',
  'application/x-ndjson',
  'text/plain',
  'application/xml',
  '/',
  '',
];
export const contentType = rarely(fc.constant('application/json'), fc.constantFrom(...CONTENT_TYPES));

/** The JSON of a body; now and then bytes of it are changed, cut out, or put in twice. */
export const bytesOf = (body: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> =>
  rarely(
    body.map((value) => Buffer.from(JSON.stringify(value))),
    fc.tuple(body, fc.nat(), fc.nat({ max: 20 }), fc.uint8Array({ maxLength: 4 })).map(([value, at, length, put]) => {
      const bytes = Buffer.from(JSON.stringify(value));
      if (bytes.includes(SPOILT)) return bytes; // else it might be good
      const from = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + length)]);
    }),
  );
