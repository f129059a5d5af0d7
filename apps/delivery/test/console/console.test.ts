import 'reflect-metadata';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Module } from '@nestjs/common';
import { CONSOLE_DIRECTORY, CONSOLE_SIGN_IN, ConsoleController } from '#delivery/console/console.controller';
import { systemClock } from '#runtime/clock/system-clock';
import { readConfig } from '#runtime/config';
import { createHttpApp } from '#runtime/http/http-app';
import { silentLog } from '#runtime/log';
import { RuntimeModule } from '#runtime/runtime.module';

@Module({})
class RootModule {}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A directory as Vite writes it, with a file beside it that nobody may have. */
function built(): string {
  const root = mkdtempSync(join(tmpdir(), 'presently-test-'));
  closing.push(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'console/assets'), { recursive: true });
  writeFileSync(join(root, 'console/index.html'), '<!doctype html><head><title>It</title></head><body></body>');
  writeFileSync(join(root, 'console/assets/index-AbC1.js'), 'go()');
  writeFileSync(join(root, 'console/assets/index-AbC1.css'), 'b{}');
  writeFileSync(join(root, 'console/assets/notes.bak'), 'secret');
  writeFileSync(join(root, 'token.key'), 'secret');
  return join(root, 'console');
}

async function appWith(directory: string | null, signInAs: string | null = null): Promise<NestFastifyApplication> {
  const config = readConfig({ PRESENTLY_PORT: '0' });
  const module = {
    module: RootModule,
    imports: [RuntimeModule.with(config, systemClock, silentLog)],
    controllers: [ConsoleController],
    providers: [
      { provide: CONSOLE_DIRECTORY, useValue: directory },
      { provide: CONSOLE_SIGN_IN, useValue: signInAs },
    ],
  };
  const app = await createHttpApp(module, config, systemClock, silentLog);
  closing.push(() => app.close());
  await app.init();
  return app;
}

const headers = { host: 'localhost' };

test('the page may do nothing but what it needs, is asked for anew each time, and is told how to sign in', async () => {
  const app = await appWith(built(), '@"you":demo/CONSOLE');
  const page = await app.inject({ url: '/', headers });
  expect(page.statusCode).toBe(200);
  expect(page.body).toBe(
    '<!doctype html><head><title>It</title><meta name="presently-auth" content="dev" />' +
      '<meta name="presently-sign-in-as" content="@&#34;you&#34;:demo/CONSOLE" /></head><body></body>',
  );
  expect(page.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; /);
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/unsafe|\*/);
});

test('its files have their types, and are kept for ever', async () => {
  const app = await appWith(built());
  const script = await app.inject({ url: '/assets/index-AbC1.js', headers });
  expect([script.statusCode, script.body]).toEqual([200, 'go()']);
  expect(script.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  });
  const style = await app.inject({ url: '/assets/index-AbC1.css', headers });
  expect([style.body, style.headers['content-type']]).toEqual(['b{}', 'text/css; charset=utf-8']);
});

test.each([
  '/assets/',
  '/assets/notes.bak',
  '/assets/index.html',
  '/assets/../index.html',
  '/assets/..%2findex.html',
  '/assets/..%2f..%2ftoken.key',
  '/assets/%2e%2e/%2e%2e/token.key',
  '/assets/..%5c..%5ctoken.key',
  '/assets/index-AbC1.js%00.css',
  '/token.key',
])('nothing else can be had: %s', async (url) => {
  const app = await appWith(built());
  const { statusCode, body } = await app.inject({ url, headers });
  expect([400, 404]).toContain(statusCode);
  expect(body).not.toContain('secret');
});

test('a console that has not been built is a page that says so', async () => {
  const app = await appWith(null);
  const page = await app.inject({ url: '/', headers });
  expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body).toContain('npm run build');
  expect((await app.inject({ url: '/assets/index-AbC1.js', headers })).statusCode).toBe(404);
});

test('in dev mode it is for this machine only, like everything', async () => {
  const app = await appWith(built());
  for (const url of ['/', '/assets/index-AbC1.js']) {
    expect((await app.inject({ url, headers: { host: 'evil.example' } })).statusCode).toBe(403);
    expect((await app.inject({ url, headers: { ...headers, origin: 'https://evil.example' } })).statusCode).toBe(403);
  }
});
