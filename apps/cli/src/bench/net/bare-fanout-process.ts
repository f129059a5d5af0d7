import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ownUsage } from './own-usage.ts';

interface Event {
  readonly type: string;
  readonly user_id: string;
  readonly room_id?: string;
  readonly status_msg?: string;
}

/**
 * What one writes in an afternoon with node:http: tells each change to everybody in the room at once, the same bytes. It knows
 * no visibility, no tokens, no log, and forgets all; so it is about the least that telling can take of Node.
 */
const roomOf = new Map<string, Set<ServerResponse>>();
const rooms = new Map<string, Set<ServerResponse>>();

function take({ type, user_id, room_id, status_msg }: Event): void {
  if (room_id !== undefined) {
    const room = rooms.get(room_id) ?? new Set();
    rooms.set(room_id, room);
    roomOf.set(user_id, room);
  }
  if (type !== 'status.set') return;
  const event = { type: 'm.presence', sender: user_id, content: { presence: 'online', status_msg } };
  const text = `event: m.presence\ndata: ${JSON.stringify(event)}\n\n`;
  for (const response of roomOf.get(user_id) ?? []) response.write(text);
}

async function post(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await request.setEncoding('utf8').toArray();
  for (const event of (JSON.parse(body.join('')) as { events: Event[] }).events) take(event);
  response.setHeader('content-length', 2).end('{}');
}

function stream({ headers, socket }: IncomingMessage, response: ServerResponse): void {
  const user = /^Bearer (.*)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  const room = roomOf.get(user);
  room?.add(response);
  socket.on('close', () => room?.delete(response));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('event: snapshot\ndata: {"type":"snapshot","events":[],"more":false}\n\n');
}

const server = createServer((request, response) => {
  if (request.url === '/metrics') response.end(ownUsage());
  else if (request.method === 'POST') void post(request, response);
  else stream(request, response);
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  process.stdout.write(`It listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
