import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { LoggerService, Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { spread } from '../clock/chance.ts';
import type { Clock } from '../clock/clock.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { AUTHENTICATOR, bearerToken } from '../auth/authenticator.ts';
import { foreignCheck } from '../auth/loopback-only.ts';
import type { Config } from '../config.ts';
import { ConfigError } from '../config.ts';
import type { Log } from '../log.ts';
import { corsOptions } from './cors.ts';
import { addBodyParsers } from './edge/body-parsers.ts';
import { ClientErrors } from './edge/client-errors.ts';
import { KnownRoutes } from './edge/known-routes.ts';
import { PipelinedResponses } from './edge/pipelined-responses.ts';
import { passUnexpected, requireSound } from './edge/request-checks.ts';
import { answerRouterError } from './edge/router-errors.ts';
import { PATH_PART_LENGTH_MAX, SERVER_TIMEOUTS, serverLimits } from './edge/server-limits.ts';
import { trustProxy } from './limits/client-address.ts';
import { RefusalLimits } from './limits/refusal-limits.ts';
import { IdleConnections } from './idle-connections.ts';
import { unavailable } from './matrix-error.ts';
import { MatrixErrorFilter } from './matrix-error.filter.ts';

/** Whoever asks a server that is stopping comes back after this, to the next one. */
const RETRY_AFTER_MS = 1_000;
/** Connections that wait to be accepted. Beyond, systems drop them, and clients try again after a second, three, seven. */
const BACKLOG = 4_096;

/**
 * Makes a Nest application of a module, `RuntimeModule` among its imports, with the limits and the errors that all apps share.
 * Not listening yet. `timeouts` are others in tests only.
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  config: Config,
  clock: Clock,
  log: Log,
  timeouts = SERVER_TIMEOUTS,
): Promise<NestFastifyApplication> {
  const clientErrors = new ClientErrors(clock);
  const adapter = new FastifyAdapter({
    ...serverLimits(timeouts),
    clientErrorHandler: clientErrors.answer,
    frameworkErrors: answerRouterError,
    // Nest takes the last slash from routes, and Matrix has some that end with one.
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX, ignoreTrailingSlash: true },
    forceCloseConnections: 'idle', // what is being answered is answered
    return503OnClosing: false, // ours is Matrix-shaped
    trustProxy: trustProxy(config.PRESENTLY_TRUST_PROXY), // `request.ip` is who calls
    // Old Matrix clients ask for /r0/; the answers are the same.
    rewriteUrl: (request: IncomingMessage) =>
      (request.url ?? '/').replace(/^\/_matrix\/client\/r0\//, '/_matrix/client/v3/'),
  });
  const cors = corsOptions(config);
  if (cors !== null) adapter.enableCors(cors); // preflights are answered before all hooks here
  const fastify = adapter.getInstance();
  const idle = new IdleConnections(fastify.server, clock);
  clientErrors.attach(fastify.server);
  passUnexpected(fastify.server);
  const pipelined = new PipelinedResponses();
  const routes = new KnownRoutes();
  routes.attach(fastify);
  fastify.addHook('onRequest', ({ raw }, reply, done) => attempt(() => pipelined.add(raw, reply.raw), done));
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    idle.close();
    done();
  });
  // Fastify itself adds `Connection: close`.
  fastify.addHook('onRequest', (_request, _reply, done) => {
    if (isClosing) done(unavailable('The server is stopping. Send the request again.', spread(RETRY_AFTER_MS)));
    else done();
  });
  const requireNative = foreignCheck(config);
  fastify.addHook('onRequest', (request, _reply, done) => {
    attempt(() => {
      requireSound(request.raw);
      requireNative(request.headers);
    }, done);
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger(log),
    abortOnError: false,
    bodyParser: false, // Nest's own would hide what was wrong with the JSON
  });
  addBodyParsers(fastify, app.get<Authenticator>(AUTHENTICATOR, { strict: false }));
  const refusals = app.get(RefusalLimits, { strict: false });
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.headers.authorization === undefined) done();
    else attempt(() => refusals.require(request.ip), done);
  });
  fastify.addHook('onRequest', (request, reply, done) => attempt(() => routes.require(request, reply), done));
  const note = ({ ip, headers }: FastifyRequest, error: unknown): void =>
    refusals.note(ip, bearerToken(headers.authorization), error);
  app.useGlobalFilters(new MatrixErrorFilter(log, note));
  return app;
}

/** Goes on with a request, or ends it with the error that `check` throws. */
function attempt(check: () => void, done: (error?: Error) => void): void {
  try {
    check();
  } catch (error) {
    return done(error as Error);
  }
  done();
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
    await app.listen({ port, host, backlog: BACKLOG });
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

/** Nest's own messages: only what is wrong is worth a line. */
function nestLogger(log: Log): LoggerService {
  return {
    log: () => undefined,
    warn: (message: unknown) => log.warn('nest.warning', { message: String(message) }),
    error: (message: unknown) => log.error('nest.error', { message: String(message) }),
    fatal: (message: unknown) => log.error('nest.fatal', { message: String(message) }),
  };
}
