import { Controller, Get, Param } from '@nestjs/common';
import { MatrixError } from '#runtime/http/matrix-error';
import { Operation } from '#runtime/http/openapi/operation';
import { asyncApiDocument } from './asyncapi-document.ts';
import { getAsyncApi, getSchema, listSchemas } from './asyncapi.operations.ts';
import { jsonSchemaOf, PUBLISHED_SCHEMAS } from './published-schemas.ts';

/** Describes what is in the topics and in the streams. */
@Controller()
export class AsyncApiController {
  private document: object | null = null;

  @Get('asyncapi.json')
  @Operation(getAsyncApi)
  asyncApi(): object {
    this.document ??= asyncApiDocument();
    return this.document;
  }

  @Get('schemas')
  @Operation(listSchemas)
  list(): { schemas: string[] } {
    return { schemas: Object.keys(PUBLISHED_SCHEMAS).map((name) => `/schemas/${name}.json`) };
  }

  @Get('schemas/:file')
  @Operation(getSchema)
  schema(@Param('file') file: string): object {
    const name = file.replace(/\.json$/, '');
    const schema = Object.hasOwn(PUBLISHED_SCHEMAS, name) ? PUBLISHED_SCHEMAS[name] : undefined;
    if (schema === undefined)
      throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such schema: /schemas lists them.');
    return jsonSchemaOf(schema);
  }
}
