import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-process.ts';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The example of the README that is marked so: shell commands, or a script. */
export function example(name: string): string {
  const [, text] = new RegExp(`<!-- test: ${name} -->\n\`\`\`(?:sh|js)\n([^]*?)\`\`\``).exec(readme) ?? [];
  if (text === undefined) throw new Error(`The README has no example ${name}.`);
  return text;
}
