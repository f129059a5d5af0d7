import 'reflect-metadata';
import { Controller, Get, Headers, Inject, Module, Put, Req, Res } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '#runtime/auth/authenticator';
import { AUTHENTICATOR, bearerToken } from '#runtime/auth/authenticator';
import { readConfig } from '#runtime/config';
import { createHttpApp, listen } from '#runtime/http/http-app';
import { silentLog } from '#runtime/log';
import { RuntimeModule } from '#runtime/runtime.module';
import { HttpServer, sendJson } from '../../../../test/support/http-server.ts';
import { MovableClock } from '../../../../test/support/movable-clock.ts';

@Controller()
class WhoController {
  constructor(@Inject(AUTHENTICATOR) private readonly authenticator: Authenticator) {}

  @Get('who')
  async who(@Headers('authorization') authorization: string, @Req() { ip }: FastifyRequest): Promise<object> {
    return { ...(await this.authenticator.user(bearerToken(authorization))), ip };
  }

  @Put('upstream')
  async upstream(@Headers('authorization') authorization: string): Promise<object> {
    await this.authenticator.upstream(bearerToken(authorization));
    return {};
  }

  /** As streams are sent: past Fastify. */
  @Get('stream')
  stream(@Res() reply: FastifyReply): void {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n');
  }
}

const clock = new MovableClock();
let homeserver: HttpServer;
let app: NestFastifyApplication | null = null;
beforeEach(async () => {
  homeserver = await HttpServer.listening(({ headers }, response) => {
    const isGood = headers.authorization === 'Bearer good';
    if (isGood) sendJson(response, { user_id: '@alice:example' });
    else sendJson(response, { errcode: 'M_UNKNOWN_TOKEN' }, 401);
  });
});
afterEach(async () => {
  await app?.close();
  app = null;
  await homeserver.close();
});

/** Starts an app with these settings, and returns its address. */
async function start(settings: Record<string, string>): Promise<string> {
  const config = readConfig({ PRESENTLY_PORT: '0', ...settings });
  @Module({ imports: [RuntimeModule.with(config, clock, silentLog)], controllers: [WhoController] })
  class WhoModule {}
  app = await createHttpApp(WhoModule, config, clock, silentLog);
  return listen(app, config);
}

const matrix = (): Record<string, string> => ({
  PRESENTLY_AUTH: 'matrix',
  PRESENTLY_HOMESERVER_URL: homeserver.url,
});

describe('who tries bad tokens', () => {
  const ask = async (url: string, path: string, token: string, headers = {}): Promise<[number, unknown]> => {
    const method = path === '/upstream' ? 'PUT' : 'GET';
    const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}`, ...headers } });
    return [response.status, ((await response.json()) as { errcode?: string }).errcode];
  };

  test('is told after a while to wait, even with a good one; who has none is still told so', async () => {
    const url = await start(matrix());
    for (let i = 0; i < 30; i++) expect(await ask(url, '/who', `guess-${i}`)).toEqual([401, 'M_UNKNOWN_TOKEN']);
    for (let i = 0; i < 30; i++) expect(await ask(url, '/upstream', `other-${i}`)).toEqual([403, 'M_FORBIDDEN']);
    const before = homeserver.requests;
    const response = await fetch(`${url}/who`, { headers: { authorization: 'Bearer good' } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await response.json()).toEqual({
      errcode: 'M_LIMIT_EXCEEDED',
      error: 'Too many bad tokens came from your address. Wait, and send a good one.',
      retry_after_ms: 1_000,
    });
    expect(await ask(url, '/upstream', 'guess')).toEqual([429, 'M_LIMIT_EXCEEDED']);
    expect(homeserver.requests).toBe(before);
    expect((await fetch(`${url}/who`)).status).toBe(401);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'presently_limited_total{limit="refused_tokens"} 2\n',
    );
    clock.move(1_000);
    expect(await ask(url, '/who', 'good')).toEqual([200, undefined]);
  });

  test('is known by the address that a trusted proxy names', async () => {
    const url = await start({ ...matrix(), PRESENTLY_TRUST_PROXY: 'loopback', PRESENTLY_REFUSED_TOKENS_PER_S: '0.1' });
    const from = (address: string) => ({ 'x-forwarded-for': `forged, ${address}` });
    for (let i = 0; i < 6; i++) await ask(url, '/who', `guess-${i}`, from('198.51.100.7'));
    expect(await ask(url, '/who', 'good', from('198.51.100.7'))).toEqual([429, 'M_LIMIT_EXCEEDED']);
    expect(await ask(url, '/who', 'good', from('198.51.100.8'))).toEqual([200, undefined]);
  });

  test('is not believed when it names another address by itself', async () => {
    const url = await start(matrix());
    const response = await fetch(`${url}/who`, {
      headers: { authorization: 'Bearer good', 'x-forwarded-for': '198.51.100.7' },
    });
    expect(await response.json()).toMatchObject({ ip: '127.0.0.1' });
  });

  test('can do so in dev mode, which has no secrets', async () => {
    const url = await start({ PRESENTLY_REFUSED_TOKENS_PER_S: '0.01' });
    for (let i = 0; i < 5; i++) expect(await ask(url, '/who', `guess-${i}`)).toEqual([401, 'M_UNKNOWN_TOKEN']);
  });
});

describe('a page of another origin', () => {
  const origin = 'https://app.example';
  const corsOf = ({ headers }: Response): Record<string, string> =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'));
  const preflight = (url: string, path: string, from = origin): Promise<Response> =>
    fetch(url + path, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization',
      },
    });
  const onAnswers = {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'Retry-After',
    vary: 'Origin',
  };

  test('that is configured may ask before it calls, on every route, without a token', async () => {
    const url = await start({ ...matrix(), PRESENTLY_CORS_ORIGINS: `https://other.example, ${origin}` });
    for (const path of ['/who', '/upstream', '/nowhere']) {
      const response = await preflight(url, path);
      expect([response.status, await response.text()]).toEqual([204, '']);
      expect(corsOf(response)).toEqual({
        ...onAnswers,
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
        'access-control-allow-headers': 'Authorization, Content-Type, Last-Event-ID',
        'access-control-max-age': '7200',
      });
    }
  });

  test.each([
    ['/who', 'Bearer good', 200],
    ['/who', 'Bearer bad', 401],
    ['/stream', 'Bearer good', 200],
    ['/nowhere', 'Bearer good', 404],
  ])('that is configured may read the answer of %s with %s', async (path, authorization, status) => {
    const url = await start({ ...matrix(), PRESENTLY_CORS_ORIGINS: origin });
    const response = await fetch(url + path, { headers: { origin, authorization } });
    expect([response.status, corsOf(response)]).toEqual([status, onAnswers]);
  });

  test('that is not configured may read nothing', async () => {
    const url = await start({ ...matrix(), PRESENTLY_CORS_ORIGINS: origin });
    for (const from of ['https://evil.example', 'https://app.example.evil.example', 'null']) {
      expect(corsOf(await preflight(url, '/who', from))).not.toHaveProperty('access-control-allow-origin');
      const response = await fetch(`${url}/who`, { headers: { origin: from, authorization: 'Bearer good' } });
      expect(corsOf(response)).not.toHaveProperty('access-control-allow-origin');
    }
  });

  test('may be any with *', async () => {
    const url = await start({ ...matrix(), PRESENTLY_CORS_ORIGINS: '*' });
    const response = await fetch(`${url}/who`, { headers: { origin, authorization: 'Bearer good' } });
    expect(corsOf(response)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Retry-After',
    });
  });

  test('may read nothing when none is configured', async () => {
    const url = await start(matrix());
    expect(corsOf(await preflight(url, '/who'))).toEqual({});
    expect((await preflight(url, '/who')).status).toBe(405);
    expect(corsOf(await fetch(`${url}/who`, { headers: { origin } }))).toEqual({});
  });

  test('has to be of this machine in dev mode', async () => {
    const local = 'http://localhost:3000';
    const url = await start({ PRESENTLY_CORS_ORIGINS: `${local},*` });
    const ask = (from: string): Promise<Response> =>
      fetch(`${url}/who`, { headers: { origin: from, authorization: 'Bearer @alice:example' } });
    expect((await ask(local)).status).toBe(200);
    expect((await ask(origin)).status).toBe(403);
  });
});
