import type { z } from 'zod';
import { NDJSON } from '../edge/body-parsers.ts';
import { VERSION } from '../../version.ts';
import type { DescribedRoute } from './described-routes.ts';
import type { AnswerDescription, BodyDescription, CallerKind, OperationDescription } from './operation.ts';
import { TAGS } from './operation.ts';
import { isUsual, refusals } from './refusals.ts';
import type { JsonSchema } from './schema-components.ts';
import { SchemaComponents } from './schema-components.ts';

/** An OpenAPI document, as far as it is looked at here. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, OpenApiResponse>>;
    readonly [kind: string]: object;
  };
  readonly [field: string]: unknown;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly object[];
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly description: string; readonly required: boolean; readonly content: OpenApiContent };
  readonly responses: Readonly<Record<string, OpenApiResponse | { readonly $ref: string }>>;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: OpenApiContent;
}

export type OpenApiContent = Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>;

const DESCRIPTION = `Who is online, who is idle, who was active when.

Times are milliseconds. Bodies are JSON in UTF-8, at most 64 levels deep. Every error is \`{"errcode","error"}\`; 429 and 503 also tell when to try
again. Fields may be added to answers, and unknown fields of requests are ignored (but a field \`__proto__\` is refused).

\`/r0/\` in the place of \`/v3/\` is the same. HEAD is answered wherever GET is, except for \`/v1/stream\`. A path that is there
answers 405 to other methods, and says in \`Allow\` which it has; one that is not answers 404. What is no sound HTTP request
can be answered 400, 408, 415, 417 or 431 anywhere.`;

const SECURITY: Readonly<Record<CallerKind, readonly object[]>> = {
  anyone: [],
  user: [{ user: [] }],
  upstream: [{ upstream: [] }],
  'user or upstream': [{ user: [] }, { upstream: [] }],
  'user, or in a frame': [{ user: [] }, {}],
};

const SECURITY_SCHEMES = {
  user: { type: 'http', scheme: 'bearer', description: 'A user’s access token.' },
  upstream: { type: 'http', scheme: 'bearer', description: 'The token of an upstream service.' },
};

/** The OpenAPI 3.1 document of these routes. */
export function openApiDocument(routes: readonly DescribedRoute[]): OpenApiDocument {
  const components = new SchemaComponents('draft-2020-12');
  const writer = new OperationWriter(components);
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  const ordered = routes.toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
  for (const { path, method, operation, bodyBytesMax } of ordered) {
    paths[path] = { ...paths[path], [method]: writer.operation(operation, bodyBytesMax) };
  }
  const used = new Set(routes.map(({ operation }) => operation.tag));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Presently',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    } as OpenApiDocument['info'],
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS)
      .filter(([name]) => used.has(name as keyof typeof TAGS))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: { securitySchemes: SECURITY_SCHEMES, responses: writer.shared, schemas: components.schemas },
  };
}

/** Writes operations, and gathers the answers that they share. */
class OperationWriter {
  readonly shared: Record<string, OpenApiResponse> = {};

  constructor(private readonly components: SchemaComponents) {}

  operation(operation: OperationDescription, bodyBytesMax: number): OpenApiOperation {
    const { id, tag, summary, description, caller, body } = operation;
    const parameters = this.parameters(operation);
    return {
      operationId: id,
      tags: [tag],
      summary,
      ...(description === undefined ? {} : { description }),
      security: SECURITY[caller],
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(body === undefined
        ? {}
        : { requestBody: { description: mostOf(bodyBytesMax), required: true, content: this.bodyContent(body) } }),
      responses: this.responses(operation),
    };
  }

  private parameters({ path = {}, query, headers }: OperationDescription): OpenApiParameter[] {
    return [
      ...Object.entries(path).map(([name, schema]) => this.parameter('path', name, schema)),
      ...Object.entries(query?.shape ?? {}).map(([name, schema]) => this.parameter('query', name, schema as z.ZodType)),
      ...Object.entries(headers?.shape ?? {}).map(([name, schema]) =>
        this.parameter('header', name, schema as z.ZodType),
      ),
    ];
  }

  private parameter(place: string, name: string, schema: z.ZodType): OpenApiParameter {
    const { description, ...written } = this.components.of(schema);
    const required = place === 'path' || !schema.safeParse(undefined).success;
    return {
      name,
      in: place,
      required,
      ...(typeof description === 'string' ? { description } : {}),
      schema: written,
    };
  }

  private bodyContent({ schema, example, line }: BodyDescription): OpenApiContent {
    const json = { 'application/json': { schema: this.components.of(schema), example } };
    if (line === undefined) return json;
    const { $ref } = this.components.of(line);
    const lines = { type: 'string', description: `A line each, as JSON: ${String($ref)}.` };
    return { ...json, [NDJSON]: { schema: lines } };
  }

  private responses(operation: OperationDescription): OpenApiOperation['responses'] {
    const responses: Record<string, OpenApiResponse | { $ref: string }> = {};
    for (const [status, answer] of Object.entries(operation.answers)) {
      if (Number(status) < 400) responses[status] = this.response(answer);
    }
    for (const [status, answer] of refusals(operation)) {
      if (isUsual(status, operation)) {
        this.shared[status] ??= this.response(answer);
        responses[status] = { $ref: `#/components/responses/${status}` };
      } else responses[status] = this.response(answer);
    }
    return responses;
  }

  private response({ says, schema, contentType = 'application/json', headers }: AnswerDescription): OpenApiResponse {
    const named = Object.entries(headers ?? {}).map(([name, description]) => [
      name,
      { required: true, description, schema: { type: 'string' } },
    ]);
    return {
      description: says,
      ...(headers === undefined ? {} : { headers: Object.fromEntries(named) as Record<string, object> }),
      ...(schema === undefined ? {} : { content: { [contentType]: { schema: this.components.of(schema) } } }),
    };
  }
}

const mostOf = (bytes: number): string =>
  `At most ${bytes / 1_024 ** 2} MiB (${bytes} bytes); more is answered with 413.`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
