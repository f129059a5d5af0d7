import { ATTACKER } from './hostile-server.ts';

/** A route of the API, as an attacker asks for it: with its own user’s id in the path. */
export interface ApiRoute {
  readonly method: string;
  readonly path: string;
  readonly by: 'user' | 'upstream' | 'anybody';
  /** A body that is good. */
  readonly body?: unknown;
}

const OWN = encodeURIComponent(ATTACKER);
const presence = '/_matrix/client/v3/presence';

export const API_ROUTES: readonly ApiRoute[] = [
  { method: 'POST', path: '/v1/events', by: 'upstream', body: { events: [] } },
  { method: 'GET', path: '/v1/rooms/!r:example/members', by: 'upstream' },
  { method: 'PUT', path: '/v1/rooms/!r:example/members', by: 'upstream', body: { members: [] } },
  { method: 'POST', path: '/v1/presence/query', by: 'user', body: { user_ids: [] } },
  { method: 'PUT', path: `${presence}/${OWN}/status`, by: 'user', body: { presence: 'online' } },
  { method: 'GET', path: `${presence}/${OWN}/status`, by: 'user' },
  { method: 'POST', path: `${presence}/list/${OWN}`, by: 'user', body: {} },
  { method: 'GET', path: `${presence}/list/${OWN}`, by: 'user' },
  { method: 'PUT', path: `/v1/users/${OWN}/visibility`, by: 'user', body: { show_to: 'nobody', blocked: [] } },
  { method: 'GET', path: `/v1/users/${OWN}/visibility`, by: 'user' },
  { method: 'GET', path: `/v1/users/${OWN}/explain`, by: 'user' },
  { method: 'GET', path: `/v1/users/${OWN}/history`, by: 'user' },
  { method: 'GET', path: '/v1/stream', by: 'user' },
  { method: 'POST', path: '/v1/active', by: 'user' },
  { method: 'GET', path: '/v1/ws', by: 'user' },
  { method: 'GET', path: '/_matrix/client/v3/sync', by: 'user' },
  { method: 'GET', path: '/_matrix/client/r0/sync', by: 'user' },
  { method: 'GET', path: '/_matrix/client/versions', by: 'anybody' },
  { method: 'GET', path: '/_matrix/client/v3/account/whoami', by: 'user' },
  { method: 'GET', path: '/_matrix/client/v3/capabilities', by: 'user' },
  { method: 'GET', path: '/_matrix/client/v3/pushrules/', by: 'user' },
  { method: 'GET', path: '/_matrix/client/v3/pushrules/global/', by: 'user' },
  { method: 'POST', path: `/_matrix/client/v3/user/${OWN}/filter`, by: 'user', body: {} },
  { method: 'GET', path: `/_matrix/client/v3/user/${OWN}/filter/e30`, by: 'user' },
  { method: 'GET', path: '/healthz', by: 'anybody' },
  { method: 'GET', path: '/readyz', by: 'anybody' },
  { method: 'GET', path: '/metrics', by: 'anybody' },
  { method: 'GET', path: '/openapi.json', by: 'anybody' },
  { method: 'GET', path: '/schemas', by: 'anybody' },
  { method: 'GET', path: '/docs', by: 'anybody' },
  { method: 'GET', path: '/', by: 'anybody' },
  { method: 'POST', path: '/nowhere', by: 'anybody' },
  { method: 'DELETE', path: '/v1/events', by: 'upstream' },
];

/** The routes that read a body. */
export const BODY_ROUTES = API_ROUTES.filter(({ body }) => body !== undefined);
