import type { Html } from './html.ts';
import { html, prose } from './html.ts';
import type { JsonSchema } from './schema-components.ts';

/** What a schema allows: a line, or for an object a table of its fields. Named schemas are links. */
export function schemaHtml(schema: JsonSchema): Html {
  const { properties, required = [] } = schema;
  if (!isRecord(properties)) return typeHtml(schema);
  const rows = Object.entries(properties).map(([name, field]) =>
    fieldRow(name, field as JsonSchema, (required as string[]).includes(name)),
  );
  return html`<table>
    ${rows}
  </table>`;
}

/** A row of a table: name, whether it is needed, what it may be, and what it means. */
export function fieldRow(
  name: string,
  schema: JsonSchema,
  isRequired: boolean,
  says = textOf(schema.description),
): Html {
  const mark = isRequired ? '' : html`<i>?</i>`;
  return html`<tr>
    <td><code>${name}</code>${mark}</td>
    <td>${schemaHtml(schema)}</td>
    <td>${prose(says)}</td>
  </tr>`;
}

/** In a line, as far as it can be. */
function typeHtml(schema: JsonSchema): Html {
  const { $ref, const: constant, enum: values, oneOf, anyOf, allOf, prefixItems, items, type } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (constant !== undefined) return html`<code>${JSON.stringify(constant)}</code>`;
  if (Array.isArray(values))
    return joined(
      values.map((value) => html`<code>${JSON.stringify(value)}</code>`),
      ' or ',
    );
  const alternatives = oneOf ?? anyOf ?? allOf;
  if (Array.isArray(alternatives))
    return joined(
      alternatives.map((one) => schemaHtml(one as JsonSchema)),
      ' or ',
    );
  if (Array.isArray(prefixItems))
    return html`[${joined(
      prefixItems.map((one) => schemaHtml(one as JsonSchema)),
      ', ',
    )}]`;
  if (isRecord(items)) return html`array${limits(schema)} of ${schemaHtml(items)}`;
  if (isRecord(schema.additionalProperties)) return html`object, by name: ${schemaHtml(schema.additionalProperties)}`;
  return html`${[type].flat().join(' or ') || 'anything'}${limits(schema)}`;
}

const LIMITS: readonly (readonly [keyword: string, says: string])[] = [
  ['minimum', 'from'],
  ['exclusiveMinimum', 'more than'],
  ['maximum', 'to'],
  ['maxLength', 'to'],
  ['maxItems', 'to'],
  ['default', 'default'],
];

function limits(schema: JsonSchema): string {
  const told = LIMITS.filter(([keyword]) => keyword in schema && schema[keyword] !== Number.MAX_SAFE_INTEGER);
  if (told.length === 0) return '';
  return ` (${told.map(([keyword, says]) => `${says} ${JSON.stringify(schema[keyword])}`).join(', ')})`;
}

const joined = (parts: readonly Html[], between: string): Html =>
  html`${parts.map((part, at) => (at === 0 ? part : html`${between}${part}`))}`;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const isRecord = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
