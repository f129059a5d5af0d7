import type { Type } from '@nestjs/common';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import { BODY_BYTES_MAX, LARGE_BODY_BYTES_MAX } from '../edge/body-parsers.ts';
import { hasLargeBody } from '../edge/large-body.ts';
import type { OperationDescription } from './operation.ts';
import { operationOf } from './operation.ts';

/** A route as Nest has it, and what is published of it. */
export interface DescribedRoute {
  /** In lower case. */
  readonly method: string;
  /** As OpenAPI writes it: `/v1/rooms/{roomId}/members`. */
  readonly path: string;
  readonly operation: OperationDescription;
  /** The most bytes of a body. */
  readonly bodyBytesMax: number;
}

/** The routes of controllers that have a description. */
export function describedRoutes(controllers: readonly Type[]): DescribedRoute[] {
  const scanner = new MetadataScanner();
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Record<string, object>;
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method = prototype[name];
      const operation = method === undefined ? undefined : operationOf(method);
      if (method === undefined || operation === undefined) return [];
      const verb = RequestMethod[Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod].toLowerCase();
      const path = openApiPath([pathOf(controller), pathOf(method)], Object.keys(operation.path ?? {}));
      const bodyBytesMax = hasLargeBody(method) ? LARGE_BODY_BYTES_MAX : BODY_BYTES_MAX;
      return [{ method: verb, path, operation, bodyBytesMax }];
    });
  });
}

const pathOf = (target: object): string => Reflect.getMetadata(PATH_METADATA, target) as string;

/** Writes parameters as `{name}`; a wildcard, which has no name in the route, gets the one that is left. */
function openApiPath(parts: readonly string[], names: readonly string[]): string {
  const path = `/${parts.filter((part) => part !== '/' && part !== '').join('/')}`.replace(/:(\w+)/g, '{$1}');
  const left = names.find((name) => !path.includes(`{${name}}`));
  return left === undefined ? path : path.replace(/\*$/, `{${left}}`);
}
