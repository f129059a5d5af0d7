import { z } from 'zod';

/** A configuration that cannot be used; the message lists every fault at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Exit code of a process that was configured wrongly (EX_CONFIG of sysexits). */
export const EXIT_CONFIG = 78;

const integer = z.coerce.number().int();
const port = integer.min(0).max(65_535);
const ms = integer.nonnegative();
const list = z.string().transform((text) => text.split(',').filter((item) => item !== ''));

/** Every setting, by its environment variable. The README's table is made from the descriptions. */
export const settings = {
  PRESENTLY_HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  PRESENTLY_PORT: port.default(8080).describe('Port to listen on; 0 takes a free one.'),
  PRESENTLY_DATA: z.string().min(1).default('./data').describe('Data directory of the embedded log.'),
  PRESENTLY_PARTITIONS: integer.min(1).max(1_024).default(4).describe('Partitions of a new log; chosen once.'),
  PRESENTLY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('What is logged.'),
  PRESENTLY_AUTH: z
    .enum(['dev'])
    .default('dev')
    .describe('How callers are known. `dev`: tokens are `@user:server/DEVICE`.'),
  PRESENTLY_UPSTREAM_TOKENS: list
    .optional()
    .describe('Tokens of upstream services, comma-separated; in `dev` also `dev-upstream`.'),
  PRESENTLY_TOKEN_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits')
    .optional()
    .describe('Key that seals resume tokens: 64 hexadecimal digits. Made in the data directory when absent.'),
  PRESENTLY_IDLE_AFTER_MS: ms
    .optional()
    .describe('Policy: a device not active for this long is idle (new log: 300000).'),
  PRESENTLY_ACTIVE_FOR_MS: ms.optional().describe('Policy: how long a user is currently active (new log: 60000).'),
  PRESENTLY_OFFLINE_AFTER_MS: integer
    .positive()
    .optional()
    .describe('Policy: grace after a disconnect (new log: 30000).'),
  PRESENTLY_SOURCE_TTL_MS: ms.optional().describe('Policy: first lease of a source (new log: 30000).'),
  PRESENTLY_UNHEARD_FOR_MS: ms
    .optional()
    .describe('Policy: end of an unvouched connection, 0 never (new log: 86400000).'),
  PRESENTLY_ROOM_MEMBERS_MAX: integer.positive().default(1_000).describe('Rooms with more members convey no presence.'),
  PRESENTLY_ROOMS_EXCLUDED: list.default([]).describe('Rooms that convey no presence, comma-separated.'),
  PRESENTLY_FLUSH_MS: ms
    .max(10_000)
    .default(5)
    .describe('How long changes are gathered before they are sent to a stream.'),
  PRESENTLY_DEMO_USERS: integer.min(2).max(100_000).default(60).describe('Size of the `--demo` crowd.'),
};

const schema = z.object(settings);
export type Config = z.infer<typeof schema>;

/** Reads the configuration. Throws a `ConfigError` that lists every fault, unknown `PRESENTLY_*` names among them. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const unknown = Object.keys(environment).filter((name) => name.startsWith('PRESENTLY_') && !(name in settings));
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(given);
  const faults = unknown.map((name) => `${name} is not a setting`);
  if (!result.success) {
    for (const issue of result.error.issues) faults.push(`${issue.path.join('.')}: ${issue.message}`);
  }
  if (result.success && faults.length === 0) return result.data;
  throw new ConfigError(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
}
