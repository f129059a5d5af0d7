import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

const DEFINITIONS = { 'draft-2020-12': '$defs', 'draft-7': 'definitions' } as const;

/** Writes schemas as JSON Schema. Those that have an id are written once, as components, and referred to. */
export class SchemaComponents {
  readonly schemas: Record<string, JsonSchema> = {};

  constructor(private readonly draft: keyof typeof DEFINITIONS) {}

  /** What may be sent where the schema checks it; also what is answered, as long as its schema changes nothing. */
  of(schema: z.ZodType): JsonSchema {
    const definitions = DEFINITIONS[this.draft];
    const written = z.toJSONSchema(schema, { target: this.draft, io: 'input' });
    const moved = JSON.stringify(written).replaceAll(`"#/${definitions}/`, '"#/components/schemas/');
    const { $schema: _, [definitions]: named = {}, ...rest } = JSON.parse(moved) as JsonSchema;
    for (const [name, definition] of Object.entries(named as Record<string, JsonSchema>)) this.add(name, definition);
    return rest;
  }

  private add(name: string, definition: JsonSchema): void {
    const known = this.schemas[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
      throw new Error(`There are two schemas with the id ${name}.`);
    }
    this.schemas[name] = definition;
  }
}
