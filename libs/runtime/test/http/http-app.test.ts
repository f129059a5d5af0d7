import 'reflect-metadata';
import { connect, type Socket } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { systemClock } from '#runtime/clock/system-clock';
import { ConfigError, readConfig } from '#runtime/config';
import { createHttpApp, listen, requireFreePort } from '#runtime/http/http-app';
import { silentLog } from '#runtime/log';
import { Readiness } from '#runtime/readiness';
import { RuntimeModule } from '#runtime/runtime.module';

/** Answers when it is told to. */
let answer: () => void = () => undefined;
let asked: () => void = () => undefined;

@Controller()
class SlowController {
  @Get('slow')
  slow(): Promise<object> {
    asked();
    return new Promise((resolve) => (answer = () => resolve({ at: 'last' })));
  }
}

const config = readConfig({ PRESENTLY_PORT: '0' });

@Module({ imports: [RuntimeModule.with(config, systemClock, silentLog)], controllers: [SlowController] })
class SlowModule {}

let app: NestFastifyApplication;
let url: URL;
beforeEach(async () => {
  app = await createHttpApp(SlowModule, config, systemClock, silentLog);
  url = new URL(await listen(app, config));
});
afterEach(async () => {
  answer(); // of a test that failed
  await app.close();
});

/** All that comes on a connection until it is closed by the other side. */
async function everythingFrom(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk as string;
  return text;
}

test.each(['/slow', '/nowhere'])(
  'while the server closes, a request for %s is answered as a Matrix error',
  async (path) => {
    const socket = connect(Number(url.port), url.hostname);
    const request = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    socket.write(request('/slow'));
    await isAsked;
    const closed = app.close();
    while (app.getHttpServer().listening) await new Promise((resolve) => setTimeout(resolve, 1));
    socket.write(request(path)); // on a connection that is busy, and so still open
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer();
    const [first = '', second = ''] = (await everythingFrom(socket)).split(/(?=HTTP\/1\.1 503)/);
    await closed;
    expect(first).toMatch(/^HTTP\/1\.1 200 .*\{"at":"last"\}$/s);
    const [head = '', body = ''] = second.split('\r\n\r\n');
    expect(head.toLowerCase()).toMatch(/\r\nretry-after: [1-4](\r\n|$)/);
    expect(head.toLowerCase()).toMatch(/\r\nconnection: close(\r\n|$)/);
    expect(JSON.parse(body)).toEqual({
      errcode: 'M_UNAVAILABLE',
      error: 'The server is stopping. Send the request again.',
      retry_after_ms: expect.any(Number),
    });
  },
);

test('the metrics say whether the process is ready, as /readyz does', async () => {
  let reason: string | null = null;
  app.get(Readiness).require(() => reason);
  const said = async (): Promise<[number, string | undefined]> => [
    (await fetch(new URL('readyz', url))).status,
    /^presently_ready (\d)$/m.exec(await (await fetch(new URL('metrics', url))).text())?.[1],
  ];
  expect(await said()).toEqual([200, '1']);
  reason = 'It is catching up.';
  expect(await said()).toEqual([503, '0']);
  reason = null;
  expect(await said()).toEqual([200, '1']);
});

test('a port in use is told, and how to choose another', async () => {
  const taken = { ...config, PRESENTLY_PORT: Number(url.port) };
  await expect(requireFreePort(taken)).rejects.toThrow(ConfigError);
  await expect(requireFreePort(taken)).rejects.toThrow(
    `Presently cannot start: port ${url.port} on 127.0.0.1 is in use. Name another with --port or PRESENTLY_PORT.`,
  );
});

test('of an address that is not this machine’s, it is the address that has to be another', async () => {
  const elsewhere = requireFreePort({ ...config, PRESENTLY_HOST: '192.0.2.1' });
  await expect(elsewhere).rejects.toThrow(
    /^Presently cannot start: cannot listen on 192\.0\.2\.1 \(.*EADDRNOTAVAIL.*\)\. Name an address of this machine with PRESENTLY_HOST\.$/,
  );
});
