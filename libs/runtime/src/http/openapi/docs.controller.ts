import type { Type } from '@nestjs/common';
import { Controller, Get, Header } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { z } from 'zod';
import { describedRoutes } from './described-routes.ts';
import { DOCS_POLICY, docsPage } from './docs-page.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { openApiDocument } from './openapi-document.ts';
import { Operation } from './operation.ts';

/** Describes the routes of the app that it is in. */
@Controller()
export class DocsController {
  private document: OpenApiDocument | null = null;

  constructor(private readonly discovery: DiscoveryService) {}

  @Get('openapi.json')
  @Operation({
    id: 'openapi',
    tag: 'Service',
    summary: 'This description: OpenAPI 3.1',
    caller: 'anyone',
    answers: {
      200: { says: 'The OpenAPI document of this process’s routes.', schema: z.looseObject({ openapi: z.string() }) },
    },
  })
  openapi(): OpenApiDocument {
    this.document ??= openApiDocument(describedRoutes(this.controllers()));
    return this.document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCS_POLICY)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  @Operation({
    id: 'docs',
    tag: 'Service',
    summary: 'The same to read',
    caller: 'anyone',
    answers: { 200: { says: 'A page, whole in itself.', schema: z.string(), contentType: 'text/html' } },
  })
  docs(): string {
    return docsPage(this.openapi());
  }

  private controllers(): Type[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => (metatype === null ? [] : [metatype as Type]));
  }
}
