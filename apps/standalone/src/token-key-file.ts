import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretBytes } from '#runtime/clock/chance';
import type { Config } from '#runtime/config';

const KEY_BYTES = 32;

/** The key that seals resume tokens: the configured one, or the data directory's own, which is made once. */
export function tokenKey(config: Config, directory: string): Buffer {
  if (config.PRESENTLY_TOKEN_KEY !== undefined) return Buffer.from(config.PRESENTLY_TOKEN_KEY, 'hex');
  const path = join(directory, 'token.key');
  try {
    const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
    if (key.length === KEY_BYTES) return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const key = secretBytes(KEY_BYTES);
  writeFileSync(path, `${key.toString('hex')}\n`, { mode: 0o600 });
  return key;
}
