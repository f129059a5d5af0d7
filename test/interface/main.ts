import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documents, textOf } from './documents.ts';

// `npm run api-docs`: writes docs/openapi.json, docs/asyncapi.json and docs/schemas anew.
for (const [path, document] of await documents()) {
  const file = join(import.meta.dirname, '../..', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, textOf(document));
  process.stdout.write(`${path}\n`);
}
process.exit();
