import type { ApiRoute } from './api-routes.ts';
import { API_ROUTES } from './api-routes.ts';

/** Ids for the path, as they are sent. */
const HOSTILE_PARTS = [
  ...[
    '%ff',
    '%00',
    '%c0%af',
    '%ed%a0%80',
    '%',
    '%zz',
    '%2f',
    '%2e%2e%2f',
    '..',
    '.',
    '',
    '%20',
    '@',
    '@:',
    '*',
    ';a=b',
  ],
  ...['__proto__', 'constructor', '%0d%0aSet-Cookie:%20a=b', '\u00e9', '"><script>', ':userId', '%25', 'a%2Fstatus'],
  'a'.repeat(1_024),
  'a'.repeat(1_025),
  '%f0%9f%98%80'.repeat(300),
  'a'.repeat(14_000),
];

const HOSTILE_QUERIES = [
  ...['since=a&since=b', 'since=%ff', 'since=%00', 'since', 'since=', '=', '&&&&', '?'.repeat(1_000), '%', '%ff=%ff'],
  ...['since[]=1', 'since[a]=1', '__proto__=1', '__proto__[a]=1', 'constructor=1', 'toString=1', 'hasOwnProperty=1'],
  ...['timeout=-1', 'timeout=1e999', 'timeout=NaN', 'timeout=0x10', 'timeout=', 'timeout=1&timeout=2', 'timeout=1.5'],
  ...['limit=0', 'limit=-1', 'limit=1e9', 'limit=1&limit=1', 'from=%ff', 'from=a&from=b', 'pending=true&pending=true'],
  ...['set_presence=', 'set_presence=away', 'set_presence=online&set_presence=offline', 'full_state=1'],
  ...[
    'filter={',
    'filter={}',
    'filter=',
    'filter=%00',
    'filter=e30&filter=e30',
    'filter={"presence":null}',
    'filter=[]',
  ],
  `filter={"presence":{"types":[${'1,'.repeat(2_000)}1]}}`,
  `filter=${'{"presence":'.repeat(500)}`,
  `filter={"presence":{"types":["${'*'.repeat(2_900)}"]}}`,
  `since=${'A'.repeat(15_000)}`,
  Array.from({ length: 2_000 }, (_, n) => `${n}=1`).join('&'),
  'since=a&'.repeat(1_800),
];

const HOSTILE_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'x-long': 'a'.repeat(20_000) },
  Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`x-${n}`, 'a'])),
  Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`x-${n}`, 'a'.repeat(1_000)])),
  { expect: 'a miracle' },
  { 'content-encoding': 'gzip, br' },
  { 'transfer-encoding': 'chunked, gzip' },
  { 'last-event-id': 'a'.repeat(10_000) },
  { 'last-event-id': '\u00ff\u00fe' },
  { origin: 'null' },
  { origin: 'http://localhost:3000, https://evil.example' },
  { origin: `http://${'a'.repeat(10_000)}` },
  { host: 'evil.example' },
  { host: '[' },
  { host: `localhost:${'9'.repeat(10_000)}` },
  { 'x-forwarded-for': 'a, b, ::, 1.2.3.4.5, '.repeat(500) },
  { forwarded: 'for="_mallory"', 'x-forwarded-proto': ',', 'x-forwarded-host': '\u00ff' },
  { accept: 'text/html;q=9', 'accept-encoding': 'x', 'accept-version': '*' },
  { range: 'bytes=0-0', 'if-none-match': '*', 'if-modified-since': 'x' },
  { cookie: 'a=b; '.repeat(1_000) },
  { 'x-http-method-override': 'DELETE', 'x-original-url': '/metrics' },
  { 'access-control-request-method': 'PUT', origin: 'http://localhost' },
];

export const HOSTILE_TOKENS = [
  ...['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'Bearer \u00ff', 'Bearer null', 'Bearer ..', 'Bearer @:'],
  ...['Bearer @', 'Bearer eyJhbGciOiJub25lIn0.e30.', `Bearer ${'a.'.repeat(6_000)}`, `Bearer ${'@'.repeat(12_000)}`],
  `Bearer @${':'.repeat(12_000)}/`,
  `Bearer ${' '.repeat(12_000)}`,
  `Bearer @${'a'.repeat(300)}:x`,
  `Bearer @a:x/${'D'.repeat(300)}`,
];

const METHODS = ['HEAD', 'OPTIONS', 'TRACE', 'PATCH', 'DELETE', 'GET', 'PUT', 'POST', 'PROPFIND', 'LOCK', 'M-SEARCH'];

export interface HostileRequest {
  readonly route: ApiRoute;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const PLAIN = { method: '', headers: {} };
const onAllRoutes = <Value>(
  values: readonly Value[],
  change: (route: ApiRoute, value: Value) => Partial<HostileRequest>,
): HostileRequest[] =>
  API_ROUTES.flatMap((route) =>
    values.map((value) => ({ ...PLAIN, route, method: route.method, path: route.path, ...change(route, value) })),
  );

/** What is wrong with each is in its path, its query, its headers, or its method. */
export const HOSTILE_REQUESTS: Readonly<Record<string, readonly HostileRequest[]>> = {
  paths: onAllRoutes(HOSTILE_PARTS, ({ path }, part) => ({ path: withPart(path, part) })),
  queries: onAllRoutes(HOSTILE_QUERIES, ({ path }, query) => ({ path: `${path}?${query}` })),
  headers: onAllRoutes(HOSTILE_HEADERS, (_route, headers) => ({ headers })),
  methods: onAllRoutes(METHODS, (_route, method) => ({ method })),
};

/** The path with this in the place of its id; behind it, if it has none. */
function withPart(path: string, part: string): string {
  const changed = path.replace(/%40mallory%3Aexample|!r:example|e30$/, () => part);
  return changed === path ? `${path}/${part}` : changed;
}
