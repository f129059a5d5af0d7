import { Command, InvalidArgumentError } from 'commander';
import { UPSTREAM_SCOPE } from '#runtime/auth/authenticator';
import { isDeviceId, isUserId } from '#runtime/auth/user-id';
import { systemClock } from '#runtime/clock/system-clock';
import { CommandError } from '#runtime/process';
import { readSigningKey, writeSigningKey } from './signing-key.ts';

interface Options {
  readonly device?: string;
  readonly key?: string;
  readonly newKey?: string;
  readonly scope?: string;
  readonly ttl?: number;
  readonly issuer?: string;
  readonly audience?: string;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const TTL_S_MAX = 10 * 365 * 86_400;
const HELP = `
To begin with, with a key of your own:
  presently token --new-key key.pem
  PRESENTLY_AUTH=jwt PRESENTLY_JWT_KEY_FILE=key.pem presently standalone
  presently token @alice:example --device PHONE --key key.pem
  presently token my-service --scope ${UPSTREAM_SCOPE} --key key.pem
Another private key does as well: openssl genpkey -algorithm ed25519 -out key.pem
The server needs the public part only: openssl pkey -in key.pem -pubout -out key.pub.pem`;

export function tokenCommand(): Command {
  const { PRESENTLY_JWT_KEY_FILE: key, PRESENTLY_JWT_ISSUER: issuer, PRESENTLY_JWT_AUDIENCE: audience } = process.env;
  return new Command('token')
    .description('Mint an access token (JWT) to try things out, for a server with PRESENTLY_AUTH=jwt.')
    .argument('[user]', 'user id, as @alice:example; for an upstream service any name')
    .option('--device <id>', 'the device that the token is for')
    .option('--key <file>', 'private key, PEM or JWK (default: PRESENTLY_JWT_KEY_FILE)', key)
    .option('--new-key <file>', 'make a private key, and write it to this file')
    .option('--scope <scope>', `scopes, with spaces between; ${UPSTREAM_SCOPE} is for upstream services`)
    .option('--ttl <time>', 'how long the token is good, as 90s, 30m, 1h, 7d (default: 1h)', ttlOption)
    .option('--issuer <issuer>', 'the token’s iss (default: PRESENTLY_JWT_ISSUER)', issuer)
    .option('--audience <audience>', 'the token’s aud (default: PRESENTLY_JWT_AUDIENCE)', audience)
    .addHelpText('after', HELP)
    .action(token);
}

async function token(user: string | undefined, options: Options): Promise<void> {
  const { newKey } = options;
  if (user === undefined && newKey === undefined) {
    throw new CommandError('Name a user, as @alice:example, or make a key with --new-key FILE.');
  }
  if (user !== undefined) requireCaller(user, options);
  if (newKey !== undefined) {
    writeSigningKey(newKey);
    process.stderr.write(`${newKey} is a new private key. Keep it: who has it can be anybody.\n`);
  }
  if (user !== undefined) process.stdout.write(`${await mint(user, options)}\n`);
}

function requireCaller(user: string, { device, scope = '' }: Options): void {
  const isUpstream = scope.split(' ').includes(UPSTREAM_SCOPE);
  const isUser: boolean = isUserId(user);
  if (!isUser && !(isUpstream && user !== '')) {
    throw new CommandError(
      `${user} is no user id, as @alice:example. Only with --scope ${UPSTREAM_SCOPE} any name will do.`,
    );
  }
  if (device !== undefined && !isDeviceId(device)) throw new CommandError('A device id takes 1 to 255 bytes.');
}

async function mint(user: string, options: Options): Promise<string> {
  const { device, scope, ttl = 3_600, issuer, audience, newKey } = options;
  const path = newKey ?? options.key;
  if (path === undefined)
    throw new CommandError('Name a private key with --key FILE, or make one with --new-key FILE.');
  const { key, alg, kid } = readSigningKey(path);
  const now = Math.floor(systemClock.now() / 1_000);
  const claims = {
    sub: user,
    ...(device === undefined ? {} : { device_id: device }),
    ...(scope === undefined ? {} : { scope }),
    ...(issuer === undefined || issuer === '' ? {} : { iss: issuer }),
    ...(audience === undefined || audience === '' ? {} : { aud: audience }),
    iat: now,
    exp: now + ttl,
  };
  const { SignJWT } = await import('jose'); // only now: other commands need not wait for it
  const header = { alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) };
  try {
    return await new SignJWT(claims).setProtectedHeader(header).sign(key);
  } catch (error) {
    throw new CommandError(`${path} cannot be used to sign by ${alg}: ${(error as Error).message}.`);
  }
}

/** Seconds. */
function ttlOption(value: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(value) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? 0);
  if (seconds > 0 && seconds <= TTL_S_MAX) return seconds;
  throw new InvalidArgumentError('It must be a number with s, m, h or d, as 90s, 30m, 1h or 7d.');
}
