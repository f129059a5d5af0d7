import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyRequest } from 'fastify';

/**
 * A route of upstream services that takes up to `LARGE_BODY_BYTES_MAX`. Who sends so much is known before it is read: else
 * anybody could fill the memory.
 */
export const LargeBody = (): ReturnType<typeof RouteConfig> => RouteConfig({ takesLargeBody: true });

export function takesLargeBody({ routeOptions }: FastifyRequest): boolean {
  return isLarge(routeOptions.config);
}

/** Whether it is the method of a controller that has `LargeBody`. */
export function hasLargeBody(method: object): boolean {
  return isLarge(Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, method));
}

const isLarge = (config: unknown): boolean =>
  (config as { takesLargeBody?: boolean } | undefined)?.takesLargeBody === true;
