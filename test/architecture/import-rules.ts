import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';
import { cruise } from 'dependency-cruiser';

/** Who may import what. Each rule has a fixture that breaks it. */
const rules: IForbiddenRuleType[] = [
  {
    name: 'domain-imports-only-zod',
    from: { path: '^libs/domain/src/' },
    to: { pathNot: ['^libs/domain/src/', '(^|/)node_modules/zod/'] },
  },
  {
    name: 'message-log-imports-only-domain-and-clock',
    from: { path: '^libs/message-log/src/' },
    to: {
      path: '^(apps|libs)/',
      pathNot: ['^libs/message-log/src/', '^libs/domain/src/', '^libs/runtime/src/clock/'],
    },
  },
  {
    name: 'message-log-knows-no-nest',
    from: { path: '^libs/message-log/src/' },
    to: { path: '(^|/)node_modules/@nestjs/' },
  },
  {
    name: 'runtime-imports-only-domain',
    from: { path: '^libs/runtime/src/' },
    to: { path: '^(apps|libs)/', pathNot: ['^libs/runtime/src/', '^libs/domain/src/'] },
  },
  {
    name: 'analysis-imports-only-domain',
    from: { path: '^libs/analysis/src/' },
    to: { path: '^(apps|libs)/', pathNot: ['^libs/analysis/src/', '^libs/domain/src/'] },
  },
  {
    name: 'service-imports-no-app',
    from: { path: '^libs/service/src/' },
    to: {
      path: '^(apps|libs)/',
      pathNot: ['^libs/service/src/', '^libs/runtime/src/', '^libs/message-log/src/', '^libs/domain/src/'],
    },
  },
  {
    name: 'client-imports-nothing',
    from: { path: '^libs/client/src/' },
    to: { pathNot: ['^libs/client/src/'] },
  },
  {
    name: 'console-imports-only-client',
    from: { path: '^apps/console/src/' },
    to: { pathNot: ['^apps/console/src/', '^libs/client/src/', '(^|/)node_modules/uplot/'] },
  },
  {
    name: 'app-imports-no-other-app',
    from: { path: '^apps/([^/]+)/src/', pathNot: '^apps/(standalone|cli)/' },
    to: { path: '^apps/', pathNot: '^apps/$1/' },
  },
  {
    name: 'lmdb-only-in-message-log',
    // The benchmarks measure the adapter against lmdb alone.
    from: { pathNot: ['^libs/message-log/', '^apps/cli/src/bench/bare/'] },
    to: { path: '(^|/)node_modules/lmdb/' },
  },
  {
    name: 'kafkajs-only-in-its-adapter',
    // The tests' brokers are probed with it, which must not depend on the adapter under test.
    from: { pathNot: ['^libs/message-log/src/kafka/', '^test/support/kafka/', '^test/kafka/'] },
    to: { path: '(^|/)node_modules/kafkajs/|^kafkajs$' },
  },
  {
    name: 'duckdb-only-in-analysis',
    from: { pathNot: ['^libs/analysis/'] },
    to: { path: '(^|/)node_modules/@duckdb/|^@duckdb/' },
  },
  {
    name: 'sources-import-no-tests',
    from: { path: '^(apps|libs)/[^/]+/src/' },
    to: { path: '^(test|(apps|libs)/[^/]+/test)/' },
  },
  { name: 'no-cycles', from: {}, to: { circular: true } },
  // Without this rule a resolver that resolves nothing would pass everything.
  { name: 'could-not-resolve', from: {}, to: { couldNotResolve: true } },
];

export const ruleNames = rules.map((rule) => String(rule.name));

export interface Imports {
  /** `rule: importing file -> imported file`, sorted. */
  readonly violations: readonly string[];
  /** `importing file -> imported file` for every import between files of the tree. */
  readonly edges: readonly string[];
}

/** Reads the imports of everything in `root`'s apps/, libs/ and test/, types included, as node does from source. */
export async function readImports(root: string): Promise<Imports> {
  const { output } = await cruise(
    ['apps', 'libs', 'test'].filter((folder) => existsSync(join(root, folder))),
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: rules },
      tsPreCompilationDeps: true, // count `import type` too
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '^test/architecture/fixtures/' }, // they are there to break the rules
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['presently-source', 'import', 'node', 'default'],
      },
    },
  );
  const { modules, summary } = output as ICruiseResult;
  return {
    violations: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).toSorted(),
    edges: modules.flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => `${source} -> ${resolved}`),
    ),
  };
}
