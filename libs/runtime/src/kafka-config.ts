import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config.ts';
import { fileName, integer, list } from './setting-schemas.ts';

const brokers = list.refine(
  (items) => items.every((item) => /^[^\s@/]+:\d+$/.test(item)),
  'must be host:port, or several with commas between',
);
const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** How Kafka is reached, by environment variable. The README's table says the same. */
export const kafkaSettings = {
  KAFKA_BROKERS: brokers.optional().meta({
    description: 'Brokers to begin with, comma-separated, as `host:port`. When set, the log is on Kafka.',
  }),
  KAFKA_CLIENT_ID: z.string().min(1).default('presently').describe('Name by which brokers know this client.'),
  KAFKA_SESSION_TIMEOUT_MS: integer
    .min(1_000)
    .max(600_000)
    .default(10_000)
    .describe('How long a projector may be silent before its partitions go to the others.'),
  KAFKA_TLS: z
    .enum(['true', 'false'])
    .default('false')
    .describe('`true`: talk to the brokers by TLS, and check their certificates.'),
  KAFKA_TLS_CA_FILE: fileName
    .optional()
    .describe('PEM file of the authority that signs the brokers’ certificates; else the system’s.'),
  KAFKA_SASL_MECHANISM: z
    .enum(SASL_MECHANISMS)
    .optional()
    .describe(`${SASL_MECHANISMS.join(', ')}.`),
  KAFKA_SASL_USERNAME: z.string().optional().describe('User name for SASL.'),
  KAFKA_SASL_PASSWORD: z.string().optional().describe('Password for SASL.'),
};

/** How to reach Kafka. */
export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly sessionTimeoutMs: number;
  readonly ssl?: true | { readonly ca: string };
  readonly sasl?: {
    readonly mechanism: (typeof SASL_MECHANISMS)[number];
    readonly username: string;
    readonly password: string;
  };
}

/** Reads how Kafka is reached; null when `KAFKA_BROKERS` is not set. Throws a `ConfigError` that lists every fault. */
export function readKafkaConfig(environment: Record<string, string | undefined>): KafkaConfig | null {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = z.object(kafkaSettings).safeParse(given);
  const faults = (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = given;
  const saslSet = [mechanism, username, password].filter((value) => value !== undefined).length;
  if (saslSet !== 0 && saslSet !== 3) {
    faults.push('KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD belong together: set all three');
  }
  if (given.KAFKA_TLS_CA_FILE !== undefined && given.KAFKA_TLS !== 'true') {
    faults.push('KAFKA_TLS_CA_FILE is set, but KAFKA_TLS is not true');
  }
  if (result.success && faults.length === 0) return kafkaConfig(result.data);
  throw new ConfigError(`The configuration cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
}

function kafkaConfig(settings: z.infer<z.ZodObject<typeof kafkaSettings>>): KafkaConfig | null {
  const { KAFKA_BROKERS: addresses, KAFKA_CLIENT_ID: clientId, KAFKA_TLS_CA_FILE: caFile } = settings;
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (addresses === undefined || addresses.length === 0) return null;
  const ssl = caFile === undefined ? true : { ca: readCertificate(caFile) };
  return {
    brokers: addresses,
    clientId,
    sessionTimeoutMs: settings.KAFKA_SESSION_TIMEOUT_MS,
    ...(settings.KAFKA_TLS === 'true' ? { ssl } : {}),
    ...(mechanism === undefined || username === undefined || password === undefined
      ? {}
      : { sasl: { mechanism, username, password } }),
  };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`KAFKA_TLS_CA_FILE cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}
