import type { IncomingMessage } from 'node:http';
import type { LoggerService, Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { refuseForeign, requireLoopback } from '../auth/loopback-only.ts';
import type { Config } from '../config.ts';
import { ConfigError } from '../config.ts';
import type { Log } from '../log.ts';
import { MatrixErrorFilter } from './matrix-error.filter.ts';

const BODY_BYTES_MAX = 8 * 1024 * 1024;
const HEADER_BYTES_MAX = 16 * 1024;
/** Ids have at most 255 bytes, each of which a path may write as three characters. */
const PATH_PART_LENGTH_MAX = 1_024;
export const NDJSON = 'application/x-ndjson';

/** Makes a Nest application of a module, with the limits and the errors that all apps share. Not listening yet. */
export async function createHttpApp(
  module: Type | DynamicModule,
  config: Config,
  log: Log,
): Promise<NestFastifyApplication> {
  if (config.PRESENTLY_AUTH === 'dev') requireLoopback(config.PRESENTLY_HOST);
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_BYTES_MAX,
    http: { maxHeaderSize: HEADER_BYTES_MAX },
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX },
    forceCloseConnections: 'idle', // what is being answered is answered
    // Old Matrix clients ask for /r0/; the answers are the same.
    rewriteUrl: (request: IncomingMessage) =>
      (request.url ?? '/').replace(/^\/_matrix\/client\/r0\//, '/_matrix/client/v3/'),
  });
  const fastify = adapter.getInstance();
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
  });
  app.useGlobalFilters(new MatrixErrorFilter(log));
  return app;
}

/** Starts to listen, and returns the address. A port in use is a `ConfigError` with a sentence. */
export async function listen(app: NestFastifyApplication, config: Config): Promise<string> {
  const { PRESENTLY_HOST: host, PRESENTLY_PORT: port } = config;
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE' ? `port ${port} on ${host} is in use` : `cannot listen on ${host}:${port} (${message})`;
    throw new ConfigError(`Presently cannot start: ${why}. Name another with --port or PRESENTLY_PORT.`);
  }
  return app.getUrl();
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
