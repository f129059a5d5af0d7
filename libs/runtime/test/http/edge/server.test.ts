import 'reflect-metadata';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Body, Controller, Get, HttpCode, Module, Post, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { systemClock } from '#runtime/clock/system-clock';
import { readConfig } from '#runtime/config';
import { LargeBody } from '#runtime/http/edge/large-body';
import { SERVER_TIMEOUTS } from '#runtime/http/edge/server-limits';
import { createHttpApp, listen } from '#runtime/http/http-app';
import { silentLog } from '#runtime/log';
import { RuntimeModule } from '#runtime/runtime.module';
import { rawRequest, sendRaw } from '../../../../../test/support/hostile/raw-connection.ts';

const config = readConfig({ PRESENTLY_PORT: '0' });
const closed: string[] = [];
const held: ServerResponse[] = [];

@Controller()
class EdgeController {
  /** Answers with the length of what it was sent. */
  @Post('small')
  @HttpCode(200)
  small(@Body() body: unknown): object {
    return { length: JSON.stringify(body).length };
  }

  @Post('large')
  @LargeBody()
  @HttpCode(200)
  large(@Body() body: unknown): object {
    return { length: JSON.stringify(body).length };
  }

  /** Sends more than any buffer takes. */
  @Get('much')
  much(@Res() reply: FastifyReply): void {
    reply.hijack();
    pour(reply.raw);
  }

  @Get('held')
  held(@Res() reply: FastifyReply): void {
    reply.hijack();
    reply.raw.on('close', () => closed.push('held'));
    reply.raw.writeHead(200, { 'content-length': '0' });
    held.push(reply.raw);
  }
}

function pour(response: ServerResponse): void {
  response.on('close', () => closed.push('much'));
  response.writeHead(200);
  for (let i = 0; i < 64; i++) response.write(Buffer.alloc(1_000_000));
}

@Module({ imports: [RuntimeModule.with(config, systemClock, silentLog)], controllers: [EdgeController] })
class EdgeModule {}

let app: NestFastifyApplication | null = null;
let url = '';
afterEach(async () => {
  await app?.close();
  closed.splice(0);
  held.splice(0);
});

async function start(timeouts: Partial<typeof SERVER_TIMEOUTS> = {}): Promise<void> {
  app = await createHttpApp(EdgeModule, config, systemClock, silentLog, {
    ...SERVER_TIMEOUTS,
    checkEveryMs: 20,
    ...timeouts,
  });
  url = await listen(app, config);
}

const post = async (path: string, token: string | null, bytes: number): Promise<[number, unknown]> => {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const body = JSON.stringify('x'.repeat(bytes - 2));
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body,
  });
  return [response.status, await response.json()];
};
const MIB = 1_024 * 1_024;
const errcode = (code: string): unknown => expect.objectContaining({ errcode: code });

test('a body has 1 MiB, and 8 MiB where upstream services send one, who are known before it is read', async () => {
  await start();
  expect(await post('/small', null, MIB)).toEqual([200, { length: MIB }]);
  expect(await post('/small', 'dev-upstream', MIB + 1)).toEqual([413, errcode('M_TOO_LARGE')]);
  expect(await post('/large', 'dev-upstream', 8 * MIB)).toEqual([200, { length: 8 * MIB }]);
  expect(await post('/large', 'dev-upstream', 8 * MIB + 1)).toEqual([413, errcode('M_TOO_LARGE')]);
  expect(await post('/large', null, 64 * 1_024)).toEqual([200, { length: 64 * 1_024 }]);
  expect(await post('/large', null, 64 * 1_024 + 1)).toEqual([401, errcode('M_MISSING_TOKEN')]);
  expect(await post('/large', '@mallory:example', 8 * MIB)).toEqual([403, errcode('M_FORBIDDEN')]);
});

test('a connection on which nothing more is asked is closed, and so is one that is quiet from the start', async () => {
  await start({ headersMs: 300, keepAliveMs: 100 });
  const used = await sendRaw(url, rawRequest('GET', '/healthz'));
  expect([used.responses.map(({ status }) => status), used.isClosed]).toEqual([[200], true]);
  const quiet = await sendRaw(url, '');
  expect([quiet.text, quiet.isClosed]).toEqual(['', true]);
  const begun = await sendRaw(url, 'GET /');
  expect([begun.responses.map(({ status }) => status), begun.isClosed]).toEqual([[408], true]);
});

test('a client that does not read its answer is cut off', async () => {
  await start({ stalledMs: 300 });
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined).write(rawRequest('GET', '/much'));
  while (closed.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(closed).toEqual(['much']);
  socket.destroy();
});

test('responses that wait behind another are closed with their connection', async () => {
  await start();
  await sendRaw(url, rawRequest('GET', '/held').repeat(100), { ms: 200 });
  while (closed.length < 100) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(closed).toHaveLength(100);
});

test('behind a request that is not answered 1,000 others may wait, and more are refused', async () => {
  await start();
  const requests = rawRequest('GET', '/held').repeat(1_001) + rawRequest('GET', '/healthz').repeat(5);
  const sent = sendRaw(url, requests, { ms: 10_000, responses: 1_006 });
  while (held.length < 1_001) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const response of held.splice(0)) response.end();
  const { responses } = await sent;
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(1_001);
  expect(responses.slice(1_001).map(({ status, body }) => [status, JSON.parse(body) as unknown])).toEqual(
    Array.from({ length: 5 }, () => [429, errcode('M_LIMIT_EXCEEDED')]),
  );
});
