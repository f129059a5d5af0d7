import { gzipSync } from 'node:zlib';

/** A body that nobody should send. */
export interface HostileBody {
  readonly name: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isChunked?: boolean;
  /** Some routes may take it: fields that they do not know are no fault. */
  readonly isHarmless?: boolean;
}

const DEPTH = 100_000;
const TEN_MB = 10_000_000;
const json = { 'content-type': 'application/json' };
const ndjson = { 'content-type': 'application/x-ndjson' };

/** The fields that the routes read, each with this JSON as its value. */
const inAllFields = (value: string): string =>
  `{${['events', 'members', 'user_ids', 'presence', 'status_msg', 'invite', 'show_to', 'blocked']
    .map((field) => `"${field}":${value}`)
    .join(',')}}`;

const event = '{"type":"device.active","user_id":"@mallory:example"}';
const blocking = `{"type":"visibility.set","user_id":"@x:x","show_to":"nobody","blocked":[${'1,'.repeat(3_500_000)}1]}`;
const nestedArrays = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
const nestedObjects = `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`;

export const HOSTILE_BODIES: readonly HostileBody[] = [
  { name: '10 MB', body: `{"events":["${'x'.repeat(TEN_MB)}"]}`, headers: json },
  { name: '10 MB, chunked', body: `{"events":["${'x'.repeat(TEN_MB)}"]}`, headers: json, isChunked: true },
  { name: '10 MB of lines', body: `${event}\n`.repeat(TEN_MB / event.length), headers: ndjson },
  { name: '10 MB of no type', body: 'x'.repeat(TEN_MB) },
  {
    name: '10 MB in a few bytes of gzip',
    body: gzipSync('x'.repeat(TEN_MB)),
    headers: { ...json, 'content-encoding': 'gzip' },
  },
  { name: '100,000 events', body: `{"events":[${`${event},`.repeat(99_999)}${event}]}`, headers: json },
  { name: '100,000 bad events', body: `{"events":[${'{},'.repeat(99_999)}{}]}`, headers: json, isHarmless: true },
  { name: '100,000 bad lines', body: 'x\n'.repeat(100_000), headers: ndjson },
  { name: 'millions of bad lines', body: 'x\n'.repeat(4_000_000), headers: ndjson },
  { name: '100,000 empty lines', body: '\n'.repeat(100_000), headers: ndjson, isHarmless: true },
  { name: 'millions of faults in an event', body: `{"events":[${blocking}]}`, headers: json },
  { name: '300,000 of no use in every field', body: inAllFields(`[${'1,'.repeat(30_000)}1]`), headers: json },
  { name: 'arrays nested deep', body: nestedArrays, headers: json },
  { name: 'arrays nested deep in every field', body: inAllFields(`[${nestedArrays.slice(9e4, 11e4)}]`), headers: json },
  { name: 'objects nested deep in an event', body: `{"events":[{"type":"tick","x":${nestedObjects}}]}`, headers: json },
  { name: 'objects nested deep in a filter', body: `{"presence":{"x":${nestedObjects}}}`, headers: json },
  { name: 'objects nested deep in a line', body: `{"type":"tick","x":${nestedObjects}}`, headers: ndjson },
  { name: 'brackets that do not end', body: '[{'.repeat(DEPTH), headers: json },
  { name: 'a string that does not end', body: `{"a":"${'\\'.repeat(DEPTH)}`, headers: json },
  { name: '__proto__', body: inAllFields('{"__proto__":{"isAdmin":true}}'), headers: json },
  { name: '__proto__, escaped', body: '{"\\u005f_proto__":{"isAdmin":true}}', headers: json },
  { name: 'constructor.prototype', body: '{"constructor":{"prototype":{"isAdmin":true}}}', headers: json },
  { name: '__proto__ in a line', body: '{"type":"tick","__proto__":{"isAdmin":true}}', headers: ndjson },
  {
    name: 'keys twice',
    body: '{"events":1,"events":[],"presence":"x","presence":"online","members":1}',
    headers: json,
    isHarmless: true,
  },
  { name: 'NUL', body: inAllFields('["\\u0000"]'), headers: json, isHarmless: true },
  { name: 'NUL as it is', body: '{"presence":"\u0000"}', headers: json },
  { name: 'half a surrogate pair', body: inAllFields('["\\ud800"]'), headers: json },
  { name: 'no UTF-8', body: Buffer.from('{"presence":"online","status_msg":"\xff"}', 'latin1'), headers: json },
  { name: 'UTF-8 that is overlong', body: Buffer.from('{"presence":"\xc0\xaf"}', 'latin1'), headers: json },
  { name: 'UTF-16', body: Buffer.from('{"presence":"online"}', 'utf16le'), headers: json },
  {
    name: 'another charset',
    body: '{"presence":"online"}',
    headers: { 'content-type': 'application/json; charset=x' },
  },
  { name: 'numbers that are none', body: inAllFields('[1e999,-0,NaN]'), headers: json },
  { name: 'huge numbers', body: inAllFields(`[${'9'.repeat(10_000)}]`), headers: json },
  { name: 'null', body: 'null', headers: json },
  { name: 'a string', body: '"events"', headers: json },
  { name: 'nothing', body: '', headers: json },
  { name: 'nothing, chunked', body: '', headers: json, isChunked: true },
  { name: 'text', body: event, headers: { 'content-type': 'text/plain' } },
  { name: 'a form', body: 'events=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  { name: 'a file', body: '--x\r\n\r\n\r\n--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  { name: 'a type that is none', body: '{}', headers: { 'content-type': ';;=;' } },
];
