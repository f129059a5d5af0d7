import { z } from 'zod';
import '#domain/fault-words';
import { badRequest } from './matrix-error.ts';

const FAULTS_TOLD_MAX = 10;

/** Checks a body against its schema. Throws 400, which shows what to send (`example`) and names what is wrong. */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown, example: string): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { issues } = result.error;
  const told = issues.slice(0, FAULTS_TOLD_MAX).map((issue) => faultText(issue));
  if (issues.length > told.length) told.push(`and ${issues.length - told.length} more`);
  throw badRequest(`Send ${example}: ${told.join('; ')}.`);
}

/**
 * A list of at most so many items. More are refused before any is looked at: else a body of millions of bad ones would become
 * as many faults.
 */
export function listOf<Item extends z.ZodType>(item: Item, itemsMax: number) {
  return z.preprocess((value, context) => {
    if (!Array.isArray(value) || value.length <= itemsMax) return value;
    context.addIssue(`takes at most ${itemsMax}, and has ${value.length}`);
    return z.NEVER;
  }, z.array(item).max(itemsMax));
}

function faultText({ code, path, message }: z.core.$ZodIssue): string {
  if (path.length > 0) return `${path.join('.')} ${message}`;
  return code === 'invalid_type' ? `the body ${message}` : message;
}
