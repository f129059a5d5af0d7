import { z } from 'zod';
import type { Policy } from '#domain/policy';
import { LIVE_POLICY } from '#domain/policy';
import { authFaults, authSettings } from './auth/auth-settings.ts';
import { corsFaults, corsSettings } from './http/cors.ts';
import { limitSettings } from './http/limits/limit-settings.ts';
import { integer, list, ms } from './setting-schemas.ts';

/** A configuration that cannot be used; the message lists every fault at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const port = integer.min(0).max(65_535);

const policy = (name: keyof Policy, schema: z.ZodCoercedNumber, meaning: string) =>
  schema.optional().meta({ description: `Policy: ${meaning}`, absent: `${LIVE_POLICY[name]} in a new log` });

/**
 * Every setting, by its environment variable, with what it means and, in `absent`, what holds without it where that is no
 * default of the schema. The README's table says the same, and a test compares the two.
 */
export const settings = {
  PRESENTLY_HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  PRESENTLY_PORT: port.default(8080).describe('Port to listen on; 0 takes a free one.'),
  PRESENTLY_DATA: z.string().min(1).default('./data').describe('Data directory of the embedded log.'),
  PRESENTLY_IMAGES: z.string().min(1).optional().meta({
    description: 'Directory for images of the state, from which a restart begins.',
    absent: '`images` in the data directory; on Kafka none are kept',
  }),
  PRESENTLY_PARTITIONS: integer.min(1).max(1_024).optional().meta({
    description: 'Partitions of a new log; chosen once, and must agree with an old one.',
    absent: '4 in a new log',
  }),
  PRESENTLY_TOPIC_PREFIX: z
    .string()
    .regex(/^[\w.-]{0,100}$/, 'takes letters, digits, dots, dashes and underscores only')
    .default('presence.')
    .describe('On Kafka: before the names of topics, groups and transactional ids.'),
  PRESENTLY_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('What is logged: `debug`, `info`, `warn`, `error`, `silent`.'),
  ...authSettings,
  ...corsSettings,
  ...limitSettings,
  PRESENTLY_TOKEN_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits')
    .optional()
    .meta({
      description: 'Key that seals resume tokens: 64 hexadecimal digits.',
      absent: 'made in the data directory',
    }),
  PRESENTLY_IDLE_AFTER_MS: policy('idleAfterMs', ms, 'a device not active for this long is idle.'),
  PRESENTLY_ACTIVE_FOR_MS: policy('activeForMs', ms, 'how long a user is currently active.'),
  PRESENTLY_OFFLINE_AFTER_MS: policy('offlineAfterMs', integer.positive(), 'grace after a disconnect.'),
  PRESENTLY_SOURCE_TTL_MS: policy('sourceTtlMs', ms, 'first lease of a source.'),
  PRESENTLY_UNHEARD_FOR_MS: policy('unheardForMs', ms, 'end of a connection that nobody vouches for; 0: never.'),
  PRESENTLY_ROOM_MEMBERS_MAX: integer.positive().default(1_000).describe('Rooms with more members convey no presence.'),
  PRESENTLY_ROOMS_EXCLUDED: list.default([]).describe('Rooms that convey no presence, comma-separated.'),
  PRESENTLY_FLUSH_MS: ms
    .max(10_000)
    .default(5)
    .describe('How long changes are gathered before they are sent to a stream.'),
  PRESENTLY_ACTIVITY_EVERY_MS: ms
    .max(60_000)
    .default(5_000)
    .describe('How often activity of a connected device is written, at most; 0: all of it.'),
  PRESENTLY_READY_LAG_MS: ms
    .default(30_000)
    .describe('How far the projector, or delivery, may be behind before `/readyz` is 503. 0: no bound.'),
  PRESENTLY_DEMO_USERS: integer.min(2).max(100_000).default(60).describe('Size of the `--demo` crowd.'),
};

export type Config = { readonly [Name in keyof typeof settings]: z.infer<(typeof settings)[Name]> };

/** Reads the configuration. Throws a `ConfigError` that lists every fault, unknown `PRESENTLY_*` names among them. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const unknown = Object.keys(environment).filter((name) => name.startsWith('PRESENTLY_') && !(name in settings));
  const faults = unknown.map((name) => `${name} is not a setting`);
  const config: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(settings)) {
    const given = environment[name];
    const result = schema.safeParse(given === '' ? undefined : given);
    if (result.success) config[name] = result.data;
    else for (const issue of result.error.issues) faults.push(`${name}: ${issue.message}`);
  }
  faults.push(...faultsBetween(config));
  if (faults.length === 0) return config as Config;
  throw new ConfigError(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
}

/** What is wrong between settings that are each good; a bad one is not among them. */
function faultsBetween(good: Partial<Config>): string[] {
  const faults = [...authFaults(good), ...corsFaults(good)];
  if ('PRESENTLY_IDLE_AFTER_MS' in good && 'PRESENTLY_ACTIVE_FOR_MS' in good) {
    const { PRESENTLY_IDLE_AFTER_MS: idle = LIVE_POLICY.idleAfterMs } = good;
    const { PRESENTLY_ACTIVE_FOR_MS: active = LIVE_POLICY.activeForMs } = good;
    if (active >= idle) {
      faults.push(`PRESENTLY_ACTIVE_FOR_MS (${active}) must be less than PRESENTLY_IDLE_AFTER_MS (${idle}); set both`);
    }
  }
  return faults;
}
