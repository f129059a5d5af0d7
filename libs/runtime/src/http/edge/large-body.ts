import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/**
 * A route of upstream services that takes up to `LARGE_BODY_BYTES_MAX`. Who sends so much is known before it is read: else
 * anybody could fill the memory.
 */
export const LargeBody = (): ReturnType<typeof RouteConfig> => RouteConfig({ takesLargeBody: true });

export function takesLargeBody({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as { takesLargeBody?: boolean }).takesLargeBody === true;
}
