import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ROOT } from '../support/source-process.ts';

/**
 * Checks values against a schema that is checked in, `docs/schemas/NAME.json`; stricter than what is published, which lets
 * fields be added: one that is not described is a fault. Returns the faults.
 */
export function closedSchema(name: string): (value: unknown) => string[] {
  const schema = JSON.parse(readFileSync(join(ROOT, `docs/schemas/${name}.json`), 'utf8')) as object;
  const isValid = new Ajv2020({ strictTypes: false, strictTuples: false, allErrors: true }).compile(
    closed(schema) as object,
  );
  return (value) =>
    isValid(value)
      ? []
      : [
          `${JSON.stringify(value)}: ${isValid.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ')}`,
        ];
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const fields = Object.entries(schema).map(([name, value]) => [name, closed(value)] as const);
  const isOpenObject = 'properties' in schema && !('additionalProperties' in schema);
  return { ...Object.fromEntries(fields), ...(isOpenObject ? { additionalProperties: false } : {}) };
}
