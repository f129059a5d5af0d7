import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { MatrixError } from '../matrix-error.ts';

/** A route whose answer has no end, so that there is no HEAD of it. */
export const Endless = (): ReturnType<typeof RouteConfig> => RouteConfig({ isEndless: true });

/**
 * Refuses what no route answers: 405 M_UNRECOGNIZED, with `Allow`, for a method that a path does not have, and 404 M_UNRECOGNIZED
 * for a path that is not there (Matrix client-server API, "Standard error response").
 */
export class KnownRoutes {
  private readonly routes: { readonly path: RegExp; readonly methods: readonly string[] }[] = [];

  /** Learns of the routes that are added from now on. */
  attach(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', (route) => this.add(route));
  }

  /** Throws a `MatrixError` when no route answers the request. To be called before its body is read. */
  require(request: FastifyRequest, reply: FastifyReply): void {
    if (!request.is404 && !(request.method === 'HEAD' && isEndless(request.routeOptions.config))) return;
    const path = request.url.replace(/\?.*$/s, '');
    const methods = new Set(this.routes.filter((route) => route.path.test(path)).flatMap((route) => route.methods));
    if (methods.size === 0)
      throw new MatrixError(404, 'M_UNRECOGNIZED', 'There is nothing at this path. GET /docs says what there is.');
    const allowed = [...methods].sort().join(', ');
    void reply.header('allow', allowed);
    throw new MatrixError(405, 'M_UNRECOGNIZED', `This path does not take ${request.method}, but ${allowed}.`);
  }

  private add({ url, method, config }: RouteOptions): void {
    if (url === '*') return; // not a path, but what @fastify/cors takes preflights with
    const methods = [method].flat().filter((name) => !(name === 'HEAD' && isEndless(config)));
    this.routes.push({ path: pathPattern(url), methods });
  }
}

const isEndless = (config: unknown): boolean => (config as { isEndless?: boolean } | undefined)?.isEndless === true;

/** Which paths a route of Fastify's takes: `:name` stands for a part, a `*` at the end for the rest, and the last slash for nothing. */
function pathPattern(url: string): RegExp {
  const parts = url
    .replace(/\/$/, '')
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[^\w-]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}/?$`, 's');
}
