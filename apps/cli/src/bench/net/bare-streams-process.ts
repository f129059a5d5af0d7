import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ownUsage } from './own-usage.ts';

/** What Node alone takes for open streams: a server that says hello on each, and then nothing. */
const server = createServer((request, response) => {
  if (request.url === '/metrics') {
    response.end(ownUsage());
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('event: snapshot\ndata: {"type":"snapshot","events":[],"more":false}\n\n');
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  process.stdout.write(`It listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
