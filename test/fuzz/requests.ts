import fc from 'fast-check';
import type { HostileServer } from '../support/hostile/hostile-server.ts';
import { ATTACKER } from '../support/hostile/hostile-server.ts';
import type { Sent } from '../support/hostile/send.ts';
import { bodies, SPOILT } from './bodies.ts';
import type { Mutations } from './mutated-bytes.ts';
import { mutations } from './mutated-bytes.ts';
import { anyUserId, id, text } from './values.ts';

interface FuzzRoute {
  readonly method: string;
  /** `{user}` is often the attacker, `{id}` anything. */
  readonly path: string;
  readonly body?: fc.Arbitrary<unknown>;
  /** Only upstream services may. */
  readonly isUpstream?: boolean;
}

const presence = '/_matrix/client/v3/presence';
const ROUTES: readonly FuzzRoute[] = [
  { method: 'POST', path: '/v1/events', body: bodies.events, isUpstream: true },
  { method: 'POST', path: '/v1/events', body: bodies.events, isUpstream: true },
  { method: 'GET', path: '/v1/rooms/{id}/members', isUpstream: true },
  { method: 'PUT', path: '/v1/rooms/{id}/members', body: bodies.members, isUpstream: true },
  { method: 'POST', path: '/v1/presence/query', body: bodies.query },
  { method: 'PUT', path: `${presence}/{user}/status`, body: bodies.status },
  { method: 'GET', path: `${presence}/{user}/status` },
  { method: 'POST', path: `${presence}/list/{user}`, body: bodies.lists },
  { method: 'GET', path: `${presence}/list/{user}` },
  { method: 'PUT', path: '/v1/users/{user}/visibility', body: bodies.visibility },
  { method: 'GET', path: '/v1/users/{user}/visibility' },
  { method: 'GET', path: '/v1/users/{user}/explain' },
  { method: 'GET', path: '/v1/stream' },
  { method: 'GET', path: '/v1/ws' },
  { method: 'GET', path: '/_matrix/client/v3/sync' },
  { method: 'GET', path: '/_matrix/client/r0/sync' },
  { method: 'POST', path: '/_matrix/client/v3/user/{user}/filter', body: bodies.filter },
  { method: 'GET', path: '/_matrix/client/v3/user/{user}/filter/{id}' },
  { method: 'GET', path: '/_matrix/client/v3/account/whoami' },
  { method: 'GET', path: '/_matrix/client/v3/capabilities' },
  { method: 'GET', path: '/{id}' },
];

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'];

const rarely = <Value>(often: fc.Arbitrary<Value>, seldom: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 9, arbitrary: often }, { weight: 1, arbitrary: seldom });

/** A part of a path: encoded well or badly, or not at all, so far as a client can send it. */
const part = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(value, fc.constantFrom('well', 'well', 'well', 'badly', 'not')).map(([plain, how]) => {
    if (how === 'well') return encodeURIComponent(plain.toWellFormed());
    if (how === 'badly') return [...Buffer.from(plain)].map((byte) => `%${byte.toString(16)}`).join('');
    return plain.replace(/[^\x21-\x7e]|[?#]/g, '');
  });
const anyPart = part(fc.oneof(anyUserId, id, text));
const userPart = fc.oneof(part(fc.constant(ATTACKER)), part(fc.constant(ATTACKER)), anyPart);

const parameter = fc.tuple(
  fc.constantFrom('since', 'timeout', 'set_presence', 'full_state', 'filter', 'limit', 'from', 'pending', '__proto__'),
  fc.oneof(
    fc.constantFrom('', '0', '1', '20', '-1', '1.5', '1e3', 'x', 'true', 'false', 'online', 'offline', 'e30', '{}'),
    fc.constantFrom('{"presence":{"limit":1,"types":["*"]}}', '{"presence":{"senders":["@a:example"]}}', '%ff', '%00'),
    anyPart,
  ),
);
const query = fc
  .array(parameter, { maxLength: 4 })
  .map((pairs) =>
    pairs.length === 0 ? '' : `?${pairs.map(([name, value]) => `${name}=${value.slice(0, 50)}`).join('&')}`,
  );

const headers = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.constantFrom(
        'origin',
        'accept',
        'last-event-id',
        'x-forwarded-for',
        'content-encoding',
        'range',
        'te',
        'cookie',
      ),
      fc.string({
        unit: fc
          .integer({ min: 0x20, max: 0xff })
          .filter((code) => code !== 0x7f)
          .map((code) => String.fromCharCode(code)),
      }),
      { maxKeys: 3 },
    ),
  },
);

const CONTENT_TYPES = [
  'application/json; charset=utf-8',
  'application/x-ndjson',
  'text/plain',
  'application/xml',
  '/',
  '',
];
const contentType = rarely(fc.constant('application/json'), fc.constantFrom(...CONTENT_TYPES));

/** The JSON of a body; now and then bytes of it are changed, cut out, or put in twice. */
const bytesOf = (body: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> =>
  rarely(
    body.map((value) => Buffer.from(JSON.stringify(value))),
    fc.tuple(body, fc.nat(), fc.nat({ max: 20 }), fc.uint8Array({ maxLength: 4 })).map(([value, at, length, put]) => {
      const bytes = Buffer.from(JSON.stringify(value));
      if (bytes.includes(SPOILT)) return bytes; // else it might be good
      const from = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + length)]);
    }),
  );

/** A request as it might come to any route, and often is refused. */
export interface FuzzRequest extends Sent {
  /** It has to be refused. */
  readonly isSpoilt: boolean;
  /** Its bytes are sent with these changes. */
  readonly mutations: Mutations | null;
}

export function fuzzRequest({ tokens }: Pick<HostileServer, 'tokens'>): fc.Arbitrary<FuzzRequest> {
  const garbage = fc.constantFrom('', 'x', 'a.b.c', '@a', '@a:example/', `@${'a'.repeat(300)}:x`);
  return fc.constantFrom(...ROUTES).chain((route) =>
    fc
      .record({
        method: rarely(fc.constant(route.method), fc.constantFrom(...METHODS)),
        user: userPart,
        other: anyPart,
        query,
        headers,
        token: rarely(fc.constant(route.isUpstream === true ? tokens.upstream : tokens.attacker), garbage),
        contentType,
        body: route.body === undefined ? rarely(fc.constant(null), bytesOf(bodies.events)) : bytesOf(route.body),
        isChunked: fc.boolean(),
        mutations: rarely(fc.constant(null), mutations),
      })
      .map(
        ({
          method,
          user,
          other,
          query: parameters,
          headers: more,
          token,
          contentType: type,
          body,
          isChunked,
          mutations: how,
        }) => ({
          method,
          path: route.path.replace('{user}', () => user).replace('{id}', () => other) + parameters,
          headers: { ...more, authorization: `Bearer ${token}`, ...(body === null ? {} : { 'content-type': type }) },
          body: body ?? undefined,
          isChunked: isChunked && body !== null && body.length > 0,
          mutations: body?.includes(SPOILT) === true ? null : how,
          isSpoilt: route.body !== undefined && body?.includes(SPOILT) === true,
        }),
      ),
  );
}
