import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Imports } from './import-rules.ts';
import { readImports, ruleNames } from './import-rules.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));

test('nothing imports what it may not', async () => {
  const { violations, edges } = await readImports(root);
  expect(violations).toEqual([]);
  expect(edges).not.toEqual([]);
});

describe('the rules', () => {
  const forbidden = {
    'domain-imports-only-zod': 'libs/domain/src/imports-node.ts',
    'message-log-imports-only-domain-and-clock': 'libs/message-log/src/imports-runtime.ts',
    'message-log-knows-no-nest': 'libs/message-log/src/imports-nest.ts',
    'runtime-imports-only-domain': 'libs/runtime/src/imports-message-log.ts',
    'analysis-imports-only-domain': 'libs/analysis/src/imports-app.ts',
    'service-imports-no-app': 'libs/service/src/imports-app.ts',
    'client-imports-nothing': 'libs/client/src/imports-domain.ts',
    'console-imports-only-client': 'apps/console/src/imports-domain.ts',
    'app-imports-no-other-app': 'apps/ingest/src/imports-app.ts',
    'lmdb-only-in-message-log': 'apps/ingest/src/imports-lmdb.ts',
    'kafkajs-only-in-its-adapter': 'libs/message-log/src/imports-kafkajs.ts',
    'duckdb-only-in-analysis': 'apps/ingest/src/imports-duckdb.ts',
    'sources-import-no-tests': 'apps/ingest/src/imports-tests.ts',
    'no-cycles': 'libs/domain/src/cycle-a.ts',
    'could-not-resolve': 'apps/ingest/src/imports-unknown.ts',
  };
  const fixtureImports: Promise<Imports> = readImports(fixtures);

  test.each(Object.entries(forbidden))('%s is broken by %s', async (rule, file) => {
    const { violations } = await fixtureImports;
    expect(violations).toContainEqual(expect.stringContaining(`${rule}: ${file} ->`));
  });

  test('have a fixture each', () => {
    expect(Object.keys(forbidden)).toEqual(ruleNames);
  });

  test('let pass what is allowed', async () => {
    const { violations } = await fixtureImports;
    expect(violations.filter((violation) => violation.includes('/allowed.ts ->'))).toEqual([]);
  });

  test('see where a # import leads', async () => {
    const { edges } = await fixtureImports;
    expect(edges).toContain('apps/ingest/src/allowed.ts -> libs/domain/src/allowed.ts');
  });
});
