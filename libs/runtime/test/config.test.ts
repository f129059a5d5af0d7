import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, readConfig, settings } from '#runtime/config';
import { kafkaSettings } from '#runtime/kafka-config';

/** The faults that are told of these settings. */
function faultsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').slice(1);
  }
  return [];
}

test('without settings all have their defaults', () => {
  expect(readConfig({ PATH: '/bin', PRESENTLY_PORT: '' })).toMatchObject({
    PRESENTLY_HOST: '127.0.0.1',
    PRESENTLY_PORT: 8080,
    PRESENTLY_PARTITIONS: undefined,
    PRESENTLY_ROOMS_EXCLUDED: [],
  });
});

test('all faults are told at once, those between settings among them', () => {
  const faults = faultsOf({
    PRESENTLY_PARTITION: '3',
    PRESENTLY_HOST: '0.0.0.0',
    PRESENTLY_PORT: '70000',
    PRESENTLY_TOKEN_KEY: 'short',
    PRESENTLY_IDLE_AFTER_MS: '1000',
    PRESENTLY_ACTIVE_FOR_MS: '1000',
  });
  expect(faults).toEqual([
    '  - PRESENTLY_PARTITION is not a setting',
    expect.stringMatching(/^ {2}- PRESENTLY_PORT: .*65535/),
    '  - PRESENTLY_TOKEN_KEY: must be 64 hexadecimal digits',
    '  - PRESENTLY_AUTH=dev believes everybody, so it listens on loopback only, not on 0.0.0.0',
    '  - PRESENTLY_ACTIVE_FOR_MS (1000) must be less than PRESENTLY_IDLE_AFTER_MS (1000); set both',
  ]);
});

test('a number that cannot be used is told in words', () => {
  expect(
    faultsOf({
      PRESENTLY_PORT: 'abc',
      PRESENTLY_PARTITIONS: '0',
      PRESENTLY_OFFLINE_AFTER_MS: '0',
      PRESENTLY_FLUSH_MS: '1e5',
    }),
  ).toEqual([
    '  - PRESENTLY_PORT: must be a whole number',
    '  - PRESENTLY_PARTITIONS: must be at least 1',
    '  - PRESENTLY_OFFLINE_AFTER_MS: must be more than 0',
    '  - PRESENTLY_FLUSH_MS: must be at most 10000',
  ]);
});

test('one of two settings that go together is compared with the other’s default', () => {
  expect(faultsOf({ PRESENTLY_IDLE_AFTER_MS: '60000' })).toEqual([
    '  - PRESENTLY_ACTIVE_FOR_MS (60000) must be less than PRESENTLY_IDLE_AFTER_MS (60000); set both',
  ]);
  expect(faultsOf({ PRESENTLY_IDLE_AFTER_MS: '60001' })).toEqual([]);
});

test('a setting that is bad itself is not compared with others', () => {
  expect(faultsOf({ PRESENTLY_AUTH: 'none', PRESENTLY_HOST: '0.0.0.0' })).toHaveLength(1);
  expect(faultsOf({ PRESENTLY_IDLE_AFTER_MS: '1', PRESENTLY_ACTIVE_FOR_MS: 'x' })).toHaveLength(1);
});

test('the README’s table of settings is what they say of themselves', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
  const rows = readme.split('\n').filter((line) => /^\| `(PRESENTLY|KAFKA)_/.test(line));
  const ofSettings = Object.entries({ ...settings, ...kafkaSettings }).map(([name, schema]) => {
    const { description, absent } = schema.meta() ?? {};
    const byDefault = schema.parse(undefined)?.toString() ?? '';
    const shown = typeof absent === 'string' ? absent : byDefault === '' ? '' : `\`${byDefault}\``;
    return `| \`${name}\` | ${shown} | ${description} |`.replace('|  |', '| |');
  });
  expect(rows).toEqual(ofSettings);
});
