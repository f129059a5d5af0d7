import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { ROOT } from '../support/source-process.ts';

interface Message {
  readonly payload: object;
}
interface Document {
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, Message>> }>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const text = readFileSync(join(ROOT, 'docs/asyncapi.json'), 'utf8');
const document = JSON.parse(text) as Document;

test('it is valid AsyncAPI 3.0', () => {
  const schemaFile = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as object;
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  expect([validate(document), validate.errors]).toEqual([true, null]);
});

test('its references lead somewhere, and every message has a payload that is a schema', () => {
  for (const [, path] of text.matchAll(/"\$ref": "#\/([^"]*)"/g)) {
    const found = path?.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
    expect([path, typeof found]).toEqual([path, 'object']);
  }
  const ajv = new Ajv({ strict: false });
  ajv.addSchema(document, 'asyncapi.json');
  const counts = Object.entries(document.channels).map(([channel, { messages }]) => {
    for (const name of Object.keys(messages)) {
      const pointer = `/channels/${channel}/messages/${name}/payload`;
      expect(ajv.compile({ $ref: `asyncapi.json#${pointer}` })).toBeInstanceOf(Function);
    }
    return [channel, Object.keys(messages).length];
  });
  expect(Object.fromEntries(counts)).toEqual({ events: 17, state: 8, deadLetters: 1, stream: 6, webSocket: 2 });
});
