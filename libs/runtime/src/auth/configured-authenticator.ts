import type { Clock } from '../clock/clock.ts';
import type { Config } from '../config.ts';
import { ConfigError } from '../config.ts';
import type { Log } from '../log.ts';
import type { Authenticator } from './authenticator.ts';
import { DevAuthenticator } from './dev-authenticator.ts';
import { JwtAuthenticator } from './jwt-authenticator.ts';
import { KeyFileError, readJwtKeyFile } from './jwt-key-file.ts';
import type { JwtKeys } from './jwt-keys.ts';
import { fileKeys } from './jwt-keys.ts';
import { MatrixAuthenticator } from './matrix-authenticator.ts';
import { RemoteJwtKeys } from './remote-jwt-keys.ts';
import { UpstreamTokens } from './upstream-tokens.ts';
import { Whoami } from './whoami.ts';

/** The authenticator of `PRESENTLY_AUTH`. Throws a `ConfigError` for what `readConfig` would not have let through. */
export function configuredAuthenticator(config: Config, clock: Clock, log: Log): Authenticator {
  const upstreamTokens = config.PRESENTLY_UPSTREAM_TOKENS ?? [];
  switch (config.PRESENTLY_AUTH) {
    case 'dev':
      return new DevAuthenticator(upstreamTokens);
    case 'jwt': {
      const expected = { issuer: config.PRESENTLY_JWT_ISSUER, audience: config.PRESENTLY_JWT_AUDIENCE };
      return new JwtAuthenticator(jwtKeys(config, clock, log), clock, expected);
    }
    case 'matrix': {
      const { PRESENTLY_HOMESERVER_URL: url, PRESENTLY_WHOAMI_CACHE_MS: knownForMs } = config;
      const { PRESENTLY_WHOAMI_EVERY_MS: askOpenEveryMs } = config;
      if (url === undefined) throw new ConfigError('PRESENTLY_HOMESERVER_URL is not set.');
      const tokens = new UpstreamTokens(upstreamTokens);
      return new MatrixAuthenticator(new Whoami(url, clock, log), tokens, clock, knownForMs, askOpenEveryMs);
    }
  }
}

function jwtKeys(config: Config, clock: Clock, log: Log): JwtKeys {
  const { PRESENTLY_JWKS_URL: url, PRESENTLY_JWT_KEY_FILE: file } = config;
  if (url !== undefined) return new RemoteJwtKeys(url, clock, log);
  try {
    return fileKeys(readJwtKeyFile(file ?? ''));
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    throw new ConfigError(`PRESENTLY_JWT_KEY_FILE: ${file} ${error.message}`, { cause: error });
  }
}
