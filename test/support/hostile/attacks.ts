import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { BODY_ROUTES } from './api-routes.ts';
import { HOSTILE_BODIES } from './hostile-bodies.ts';
import { HOSTILE_REQUESTS } from './hostile-requests.ts';
import type { HostileServer } from './hostile-server.ts';
import { rawRequest, sendRaw } from './raw-connection.ts';
import { authorization, send } from './send.ts';

const MOMENT_MS = 20;

/** Does what it does for the nth time. */
type Attack = (hostile: HostileServer, n: number) => Promise<unknown>;

/** One of them after the other. */
const turn = <Item>(items: readonly Item[], n: number): Item => {
  const item = items[n % items.length];
  if (item === undefined) throw new Error('There are none.');
  return item;
};

const bodies: [name: string, Attack][] = HOSTILE_BODIES.map(({ name, body, headers = {}, isChunked = false }) => [
  `a body of ${name}`,
  (hostile, n) => {
    const route = turn(BODY_ROUTES, n);
    return send(hostile.url, { ...route, body, isChunked, headers: { ...authorization(hostile, route), ...headers } });
  },
]);

const requests: [name: string, Attack][] = Object.entries(HOSTILE_REQUESTS).map(([name, all]) => [
  `hostile ${name}`,
  (hostile, n) => {
    const { route, method, path, headers } = turn(all, n * 7); // 7 divides none of their numbers
    return send(hostile.url, { method, path, headers: { ...authorization(hostile, route), ...headers } });
  },
]);

/** Sends it, and leaves without a word after a moment. */
function sendAndLeave({ url }: HostileServer, text: string): Promise<void> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined).write(text);
  return new Promise((resolve) => {
    setTimeout(() => socket.destroy(), MOMENT_MS);
    socket.on('close', () => resolve());
  });
}

const by = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });
const jsonOf = (length: number): Record<string, string> => ({
  'Content-Type': 'application/json',
  'Content-Length': String(length),
});

const connections: [name: string, Attack][] = [
  ['noise', ({ url }, n) => sendRaw(url, Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * n) % 251)))],
  ['headers of 1 MB', ({ url }) => sendRaw(url, rawRequest('GET', '/healthz', { A: 'a'.repeat(1_000_000) }))],
  ['paths of 100 KB', ({ url }) => sendRaw(url, rawRequest('GET', `/${'a'.repeat(100_000)}`))],
  [
    'bodies that are cut off',
    (hostile) => {
      const start = rawRequest('POST', '/v1/events', { ...by(hostile.tokens.upstream), ...jsonOf(8_000_000) });
      return sendAndLeave(hostile, `${start}${'x'.repeat(500_000)}`);
    },
  ],
  [
    'streams that are left',
    (hostile) => sendAndLeave(hostile, rawRequest('GET', '/v1/stream', by(hostile.tokens.attacker))),
  ],
  [
    'streams in a row that are left',
    (hostile) => sendAndLeave(hostile, rawRequest('GET', '/v1/stream', by(hostile.tokens.attacker)).repeat(10)),
  ],
  [
    'polls that are left',
    (hostile, n) => {
      const path = `/_matrix/client/v3/sync?timeout=60000&since=${n}`;
      return sendAndLeave(hostile, rawRequest('GET', path, by(hostile.tokens.attacker)));
    },
  ],
  [
    '1,000 requests in a row that are left',
    (hostile) => sendAndLeave(hostile, rawRequest('GET', '/healthz').repeat(1_000)),
  ],
  [
    'WebSockets that send noise',
    ({ url, tokens }, n) =>
      new Promise<void>((resolve) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, { headers: by(tokens.attacker) });
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.on('open', () => {
          setTimeout(() => socket.terminate(), MOMENT_MS);
          socket.send(n % 2 === 0 ? 'x'.repeat(100_000) : Buffer.alloc(60_000));
          for (let i = 0; i < 5; i++) socket.send('['.repeat(10_000));
        });
      }),
  ],
];

/** What is done to a server, again and again, to see whether anything of it stays. */
export const ATTACKS: readonly [name: string, attack: Attack][] = [...bodies, ...requests, ...connections];
