import { z } from 'zod';
import { baseUrl, fileName, httpUrl, list, ms } from '../setting-schemas.ts';
import { KeyFileError, readJwtKeyFile } from './jwt-key-file.ts';
import { isLoopback } from './loopback.ts';

/** How callers are known, by environment variable. The README's table says the same. */
export const authSettings = {
  PRESENTLY_AUTH: z
    .enum(['dev', 'jwt', 'matrix'])
    .default('dev')
    .describe(
      "How callers are known. `dev` believes everybody, on this machine only: a user's token is `@user:server/DEVICE`. " +
        '`jwt`: by signed tokens. `matrix`: a homeserver is asked.',
    ),
  PRESENTLY_UPSTREAM_TOKENS: list
    .optional()
    .describe('In `dev` and `matrix`: tokens of upstream services, comma-separated; in `dev` also `dev-upstream`.'),
  PRESENTLY_JWKS_URL: httpUrl
    .optional()
    .describe('In `jwt`: where the issuer of the tokens publishes its keys (JWKS).'),
  PRESENTLY_JWT_KEY_FILE: fileName
    .optional()
    .describe('In `jwt`, instead of a URL: a file with the public key, as PEM, JWK or JWKS.'),
  PRESENTLY_JWT_ISSUER: z.string().optional().describe('In `jwt`: the `iss` that tokens must have.'),
  PRESENTLY_JWT_AUDIENCE: z.string().optional().describe('In `jwt`: an `aud` that tokens must have.'),
  PRESENTLY_HOMESERVER_URL: baseUrl
    .optional()
    .describe('In `matrix`: the homeserver, as `https://matrix.example.org`.'),
  PRESENTLY_WHOAMI_CACHE_MS: ms
    .max(3_600_000)
    .default(60_000)
    .describe('In `matrix`: how long a token that the homeserver has confirmed is not asked for again.'),
  PRESENTLY_WHOAMI_EVERY_MS: ms
    .max(86_400_000)
    .default(300_000)
    .describe(
      'In `matrix`: how often the homeserver is asked whether the token of an open stream or WebSocket is still good, at ' +
        'least. 0: never.',
    ),
};

type AuthConfig = { readonly [Name in keyof typeof authSettings]?: z.infer<(typeof authSettings)[Name]> };

/** What is wrong between these settings, and with the key file that they name; a bad one is not among them. */
export function authFaults(good: AuthConfig & { readonly PRESENTLY_HOST?: string }): string[] {
  const { PRESENTLY_AUTH: auth, PRESENTLY_HOST: host } = good;
  if (auth === undefined) return [];
  const faults = misplaced(auth, good);
  if (auth === 'dev' && host !== undefined && !isLoopback(host)) {
    faults.push(`PRESENTLY_AUTH=dev believes everybody, so it listens on loopback only, not on ${host}`);
  }
  if (auth === 'jwt') faults.push(...keyFaults(good));
  if (auth === 'matrix' && 'PRESENTLY_HOMESERVER_URL' in good && good.PRESENTLY_HOMESERVER_URL === undefined) {
    faults.push('PRESENTLY_AUTH=matrix asks a homeserver: set PRESENTLY_HOMESERVER_URL');
  }
  return faults;
}

/** Settings of one mode that are set in another would do nothing, and so hide a mistake. */
function misplaced(auth: string, good: AuthConfig): string[] {
  const modes: Partial<Record<keyof AuthConfig, readonly string[]>> = {
    PRESENTLY_UPSTREAM_TOKENS: ['dev', 'matrix'],
    PRESENTLY_JWKS_URL: ['jwt'],
    PRESENTLY_JWT_KEY_FILE: ['jwt'],
    PRESENTLY_JWT_ISSUER: ['jwt'],
    PRESENTLY_JWT_AUDIENCE: ['jwt'],
    PRESENTLY_HOMESERVER_URL: ['matrix'],
  };
  return Object.entries(modes)
    .filter(([name, of]) => good[name as keyof AuthConfig] !== undefined && !of.includes(auth))
    .map(([name, of]) => `${name} is for PRESENTLY_AUTH=${of.join(' or ')}, and that is ${auth}: take it out`);
}

function keyFaults(good: AuthConfig): string[] {
  if (!('PRESENTLY_JWKS_URL' in good && 'PRESENTLY_JWT_KEY_FILE' in good)) return [];
  const { PRESENTLY_JWKS_URL: url, PRESENTLY_JWT_KEY_FILE: file } = good;
  if ((url === undefined) === (file === undefined)) {
    return ['PRESENTLY_AUTH=jwt needs keys: set PRESENTLY_JWKS_URL or PRESENTLY_JWT_KEY_FILE, one of them'];
  }
  if (file === undefined) return [];
  try {
    readJwtKeyFile(file);
    return [];
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    return [`PRESENTLY_JWT_KEY_FILE: ${file} ${error.message}`];
  }
}
