import { createHash } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PUBLISHED_SCHEMAS } from '#delivery/asyncapi/published-schemas';
import type { OpenApiDocument } from '#runtime/http/openapi/openapi-document';
import { createApp } from './apps.ts';

let app: NestFastifyApplication;
beforeEach(async () => {
  app = await createApp('standalone');
  await app.init();
});
afterEach(() => app.close());

const get = (url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers: { host: 'localhost', ...headers } });

test('the page shows every operation and every schema, and every link within it leads somewhere', async () => {
  const { body, headers } = await get('/docs');
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  const { paths, components } = (await get('/openapi.json')).json<OpenApiDocument>();
  const ids = new Set([...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const { operationId } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    expect(ids).toContain(operationId);
  }
  for (const name of Object.keys(components.schemas)) expect(ids).toContain(`schema-${name}`);
  for (const [, target] of body.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  for (const [, path] of body.matchAll(/href="([a-z][^":]*)"/g)) expect((await get(`/${path}`)).statusCode).toBe(200);
});

test('it needs nothing from elsewhere, and its policy lets its own style through and nothing else', async () => {
  const { body, headers } = await get('/docs');
  const [, style = ''] = /<style>([^]*)<\/style>/.exec(body) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(body).not.toMatch(/<script|\ssrc=|\sstyle=|\son\w+=|@import|url\(/);
  expect([...body.matchAll(/<link rel="(\w+)" href="([^"]*)"/g)].map(([, ...link]) => link)).toEqual([
    ['icon', 'data:,'],
  ]);
});

test('all of it is for everybody; but in dev mode, like everything, for this machine only', async () => {
  const schemas = Object.keys(PUBLISHED_SCHEMAS).map((name) => `/schemas/${name}.json`);
  expect((await get('/schemas')).json()).toEqual({ schemas });
  for (const path of ['/docs', '/openapi.json', '/asyncapi.json', ...schemas]) {
    expect([path, (await get(path)).statusCode]).toEqual([path, 200]);
    expect([path, (await get(path, { host: 'evil.example' })).statusCode]).toEqual([path, 403]);
  }
  expect((await get('/schemas/none.json')).json()).toMatchObject({ errcode: 'M_NOT_FOUND' });
});
