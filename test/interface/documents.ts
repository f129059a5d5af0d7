import { asyncApiDocument } from '#delivery/asyncapi/asyncapi-document';
import { jsonSchemaOf, PUBLISHED_SCHEMAS } from '#delivery/asyncapi/published-schemas';
import { DocsController } from '#runtime/http/openapi/docs.controller';
import { createApp } from './apps.ts';

/** The documents that are checked in, by path: those of a process with all three apps. */
export async function documents(): Promise<Map<string, object>> {
  const app = await createApp('standalone');
  const schemas = Object.entries(PUBLISHED_SCHEMAS).map(
    ([name, schema]) => [`docs/schemas/${name}.json`, jsonSchemaOf(schema)] as const,
  );
  return new Map<string, object>([
    ['docs/openapi.json', app.get(DocsController).openapi()],
    ['docs/asyncapi.json', asyncApiDocument()],
    ...schemas,
  ]);
}

/** As a document is written to its file. */
export const textOf = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;
