import 'reflect-metadata';
import { request as httpRequest } from 'node:http';
import { Controller, Get, Module, Post, Put } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { systemClock } from '#runtime/clock/system-clock';
import { readConfig } from '#runtime/config';
import { Endless } from '#runtime/http/edge/known-routes';
import { createHttpApp, listen } from '#runtime/http/http-app';
import { silentLog } from '#runtime/log';
import { RuntimeModule } from '#runtime/runtime.module';

@Controller()
class ThingsController {
  @Get('things/:id')
  get(): object {
    return {};
  }

  @Put('things/:id')
  put(): object {
    return {};
  }

  @Post('things/:id/filter')
  post(): object {
    return {};
  }

  @Get('things/:id/filter/*')
  rest(): object {
    return {};
  }

  @Get('slashed/')
  slashed(): object {
    return {};
  }

  @Get('endless')
  @Endless()
  endless(): object {
    return {};
  }
}

let app: NestFastifyApplication;
afterEach(() => app.close());

async function start(settings: Record<string, string> = {}): Promise<string> {
  const config = readConfig({ PRESENTLY_PORT: '0', ...settings });
  @Module({ imports: [RuntimeModule.with(config, systemClock, silentLog)], controllers: [ThingsController] })
  class ThingsModule {}
  app = await createHttpApp(ThingsModule, config, systemClock, silentLog);
  return listen(app, config);
}

interface Answer {
  readonly status: number | undefined;
  readonly allow: string | undefined;
  readonly body: string;
}

/** `fetch` sends no TRACE. */
function ask(url: string, method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}${path}`, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, allow: response.headers.allow, body }));
    });
    request.on('error', reject).end();
  });
}

test.each([
  ['DELETE', '/things/1', 'GET, HEAD, PUT'],
  ['OPTIONS', '/things/%2F?x=/', 'GET, HEAD, PUT'],
  ['TRACE', '/things/1/', 'GET, HEAD, PUT'],
  ['PROPFIND', '/things/1', 'GET, HEAD, PUT'],
  ['GET', '/things/1/filter', 'POST'],
  ['POST', '/things/1/filter/a/b', 'GET, HEAD'],
  ['POST', '/slashed', 'GET, HEAD'],
  ['POST', '/slashed/', 'GET, HEAD'],
  ['POST', '/endless', 'GET'],
])('%s %s is a method that the path does not have: 405, and which it has', async (method, path, allow) => {
  const answer = await ask(await start(), method, path);
  expect([answer.status, answer.allow]).toEqual([405, allow]);
  expect(JSON.parse(answer.body)).toEqual({
    errcode: 'M_UNRECOGNIZED',
    error: `This path does not take ${method}, but ${allow}.`,
  });
});

test.each(['/', '/thing', '/things', '/things/', '/things/1/2', '/things/1/filters', '/slashedx', '/x/slashed'])(
  'there is nothing at %s: 404',
  async (path) => {
    const url = await start();
    for (const method of ['GET', 'DELETE', 'OPTIONS']) {
      const { status, allow, body } = await ask(url, method, path);
      expect([status, allow, JSON.parse(body)]).toMatchObject([404, undefined, { errcode: 'M_UNRECOGNIZED' }]);
    }
  },
);

test('a body that cannot be read does not hide that there is no such route', async () => {
  const url = await start();
  const headers = { 'content-type': 'text/xml', 'content-length': '0' };
  expect((await ask(url, 'DELETE', '/things/1', headers)).status).toBe(405);
  expect((await ask(url, 'POST', '/nowhere', headers)).status).toBe(404);
});

test('HEAD is answered where GET is, but not where the answer would have no end', async () => {
  const url = await start();
  expect(await ask(url, 'HEAD', '/things/1')).toEqual({ status: 200, allow: undefined, body: '' });
  expect(await ask(url, 'HEAD', '/endless')).toEqual({ status: 405, allow: 'GET', body: '' });
  expect((await ask(url, 'GET', '/endless')).status).toBe(200);
});

test('the route of preflights is none', async () => {
  const url = await start({ PRESENTLY_CORS_ORIGINS: 'http://localhost:3000' });
  expect((await ask(url, 'DELETE', '/nowhere')).status).toBe(404);
  const preflight = { origin: 'http://localhost:3000', 'access-control-request-method': 'PUT' };
  expect((await ask(url, 'OPTIONS', '/things/1', preflight)).status).toBe(204);
});
