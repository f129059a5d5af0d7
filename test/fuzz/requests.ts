import fc from 'fast-check';
import type { HostileServer } from '../support/hostile/hostile-server.ts';
import type { Sent } from '../support/hostile/send.ts';
import { bodies, SPOILT } from './bodies.ts';
import type { Mutations } from './mutated-bytes.ts';
import { mutations } from './mutated-bytes.ts';
import { anyPart, bytesOf, contentType, headers, query, rarely, userPart } from './request-parts.ts';

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
  { method: 'GET', path: '/v1/users/{user}/history' },
  { method: 'GET', path: '/v1/stream' },
  { method: 'POST', path: '/v1/active' },
  { method: 'GET', path: '/v1/ws' },
  { method: 'GET', path: '/_matrix/client/v3/sync' },
  { method: 'GET', path: '/_matrix/client/r0/sync' },
  { method: 'POST', path: '/_matrix/client/v3/user/{user}/filter', body: bodies.filter },
  { method: 'GET', path: '/_matrix/client/v3/user/{user}/filter/{id}' },
  { method: 'GET', path: '/_matrix/client/v3/account/whoami' },
  { method: 'GET', path: '/_matrix/client/v3/capabilities' },
  { method: 'GET', path: '/assets/{id}' },
  { method: 'GET', path: '/{id}' },
];

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'];

const nothing: fc.Arbitrary<Buffer | null> = fc.constant(null);

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
        body: route.body === undefined ? rarely(nothing, bytesOf(bodies.events)) : rarely(bytesOf(route.body), nothing),
        isChunked: fc.boolean(),
        mutations: rarely(fc.constant(null), mutations),
      })
      .map(({ method, user, other, token, body, isChunked, mutations: how, ...parts }) => ({
        method,
        path: route.path.replace('{user}', () => user).replace('{id}', () => other) + parts.query,
        headers: {
          ...parts.headers,
          authorization: `Bearer ${token}`,
          ...(body === null ? {} : { 'content-type': parts.contentType }),
        },
        body: body ?? undefined,
        isChunked: isChunked && body !== null && body.length > 0,
        // Answers to HEAD have no bodies, and only who has asked knows where they end.
        mutations: method === 'HEAD' || body?.includes(SPOILT) === true ? null : how,
        isSpoilt: route.body !== undefined && body?.includes(SPOILT) === true,
      })),
  );
}
