import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:net';
import type { LoggerService, Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Cancel, Clock } from '../clock/clock.ts';
import { refuseForeign } from '../auth/loopback-only.ts';
import type { Config } from '../config.ts';
import { ConfigError } from '../config.ts';
import type { Log } from '../log.ts';
import { MatrixError, unavailable } from './matrix-error.ts';
import { MatrixErrorFilter } from './matrix-error.filter.ts';

const BODY_BYTES_MAX = 8 * 1024 * 1024;
const CLOSE_IDLE_EVERY_MS = 50;
const HEADER_BYTES_MAX = 16 * 1024;
/** Whoever asks a server that is stopping comes back after this, to the next one. */
const RETRY_AFTER_MS = 1_000;
/** Ids have at most 255 bytes, each of which a path may write as three characters. */
const PATH_PART_LENGTH_MAX = 1_024;
export const NDJSON = 'application/x-ndjson';

/** Makes a Nest application of a module, with the limits and the errors that all apps share. Not listening yet. */
export async function createHttpApp(
  module: Type | DynamicModule,
  config: Config,
  clock: Clock,
  log: Log,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_BYTES_MAX,
    http: { maxHeaderSize: HEADER_BYTES_MAX },
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX },
    forceCloseConnections: 'idle', // what is being answered is answered
    return503OnClosing: false, // ours is Matrix-shaped
    // Old Matrix clients ask for /r0/; the answers are the same.
    rewriteUrl: (request: IncomingMessage) =>
      (request.url ?? '/').replace(/^\/_matrix\/client\/r0\//, '/_matrix/client/v3/'),
  });
  const fastify = adapter.getInstance();
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    closeIdleConnections(fastify.server, clock);
    done();
  });
  // Fastify itself adds `Connection: close`.
  fastify.addHook('onRequest', (_request, _reply, done) => {
    if (isClosing) done(unavailable('The server is stopping. Send the request again.', RETRY_AFTER_MS));
    else done();
  });
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    void parseJson(request, body, (error, value: unknown) => {
      if (error === null) done(null, value);
      else done(new MatrixError(400, 'M_NOT_JSON', 'The body is not JSON.'));
    });
  });
  fastify.addContentTypeParser(NDJSON, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  if (config.PRESENTLY_AUTH === 'dev') {
    fastify.addHook('onRequest', (request, _reply, done) => {
      try {
        refuseForeign(request.headers);
        done();
      } catch (error) {
        done(error as Error);
      }
    });
  }
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger(log),
    abortOnError: false,
    bodyParser: false, // Nest's own would hide what was wrong with the JSON
  });
  app.useGlobalFilters(new MatrixErrorFilter(log));
  return app;
}

/** Throws a `ConfigError` with a sentence when the address cannot be listened on: before anything else is begun. */
export async function requireFreePort({ PRESENTLY_HOST: host, PRESENTLY_PORT: port }: Config): Promise<void> {
  const probe = createServer();
  try {
    await once(probe.listen(port, host), 'listening');
  } catch (error) {
    throw cannotListen(host, port, error);
  }
  await new Promise((resolve) => probe.close(resolve));
}

/** Starts to listen, and returns the address. Throws a `ConfigError` when the port has been taken since it was free. */
export async function listen(app: NestFastifyApplication, config: Config): Promise<string> {
  const { PRESENTLY_HOST: host, PRESENTLY_PORT: port } = config;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw cannotListen(host, port, error);
  }
  return app.getUrl();
}

function cannotListen(host: string, port: number, error: unknown): ConfigError {
  const { code, message } = error as NodeJS.ErrnoException;
  const otherPort = 'Name another with --port or PRESENTLY_PORT.';
  const why =
    code === 'EADDRINUSE'
      ? `port ${port} on ${host} is in use. ${otherPort}`
      : code === 'EACCES'
        ? `this user may not listen on port ${port}. ${otherPort}`
        : `cannot listen on ${host} (${message}). Name an address of this machine with PRESENTLY_HOST.`;
  return new ConfigError(`Presently cannot start: ${why}`);
}

/**
 * Closes each connection as soon as nothing is being answered on it, until the server is closed. Node does so only once,
 * and a connection that was busy then would keep the server open for as long as its client keeps it.
 */
function closeIdleConnections(server: Server, clock: Clock): void {
  let cancel: Cancel = () => undefined;
  const close = (): void => {
    server.closeIdleConnections();
    cancel = clock.after(CLOSE_IDLE_EVERY_MS, close);
  };
  server.once('close', () => cancel());
  close();
}

/** Nest's own messages: only what is wrong is worth a line. */
function nestLogger(log: Log): LoggerService {
  return {
    log: () => undefined,
    warn: (message: unknown) => log.warn('nest.warning', { message: String(message) }),
    error: (message: unknown) => log.error('nest.error', { message: String(message) }),
    fatal: (message: unknown) => log.error('nest.fatal', { message: String(message) }),
  };
}
