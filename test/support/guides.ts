import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-process.ts';

/** An example of a guide, between three backticks. */
export interface Example {
  /** The guide, and the line at which the example begins. */
  readonly place: string;
  readonly language: string;
  /** What `<!-- test: NAME -->` before it says; `` for `<!-- test -->`; null without. */
  readonly name: string | null;
  readonly text: string;
}

/** The README and the guides that users read, by path. */
const GUIDES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const EXAMPLE = /(?:<!-- test(?:: ([^\n]+))? -->\n)?^ *```(\w+)\n([^]*?)^ *```$/gm;

/** All examples that name a language, in order. */
export const EXAMPLES: readonly Example[] = GUIDES.flatMap((guide) => {
  const text = readFileSync(join(ROOT, guide), 'utf8');
  return [...text.matchAll(EXAMPLE)].map(({ 0: whole, 1: name = '', 2: language = '', 3: example = '', index }) => ({
    place: `${guide}:${text.slice(0, index).split('\n').length}`,
    language,
    name: whole.startsWith('<!--') ? name : null,
    text: example,
  }));
});

/** The text of the example that is marked so: shell commands, or a script. */
export function example(name: string): string {
  const [found] = EXAMPLES.filter((one) => one.name === name);
  if (found === undefined) throw new Error(`The guides have no example ${name}.`);
  return found.text;
}

/** The commands of a shell example: lines, with those that go on after a backslash or within quotes; no comments. */
export function commandsOf(text: string): string[] {
  const commands: string[] = [];
  let command = '';
  for (const line of text.split('\n')) {
    command += (command === '' ? '' : '\n') + line;
    const isOpen = line.endsWith('\\') || command.split("'").length % 2 === 0;
    if (isOpen) continue;
    if (command.trim() !== '' && !command.trimStart().startsWith('#')) commands.push(command.trim());
    command = '';
  }
  return command === '' ? commands : [...commands, command];
}
