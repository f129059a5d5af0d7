import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

export interface ConsoleAsset {
  readonly body: Buffer;
  readonly contentType: string;
}

/** The built web console: its page, and what that loads, by name. Nothing else can be asked for. */
export interface ConsoleFiles {
  readonly page: string;
  readonly assets: ReadonlyMap<string, ConsoleAsset>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Where `npm run build` has put the page; null: it has not. */
export function builtConsole(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('#console/index.html'));
  } catch {
    return null;
  }
}

/** Reads all of it. A file of a kind that is not known here is left out. */
export function readConsole(directory: string): ConsoleFiles {
  const names = readdirSync(join(directory, 'assets'));
  const assets = names.flatMap((name): [string, ConsoleAsset][] => {
    const contentType = CONTENT_TYPES[extname(name)];
    return contentType === undefined
      ? []
      : [[name, { body: readFileSync(join(directory, 'assets', name)), contentType }]];
  });
  return { page: readFileSync(join(directory, 'index.html'), 'utf8'), assets: new Map(assets) };
}
