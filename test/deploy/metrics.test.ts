import { startStandalone } from '../support/standalone.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { ExposedMetric } from './exposed-metrics.ts';
import { readExposed } from './exposed-metrics.ts';
import { alertRules, anchorsOf, dashboardPanels, textOf } from './files.ts';
import { faultsOf, resultLabels } from './promql.ts';

const directory = temporaryDirectory();
const operations = textOf('docs/OPERATIONS.md');

/** What the three apps expose, read from the process that is all three. */
async function exposedByApps(): Promise<Map<string, ExposedMetric>> {
  const server = await startStandalone(directory.path());
  await server.ready(); // so that each partition has had its first commit
  return readExposed(await (await fetch(`${server.url}/metrics`)).text());
}

const ours = (exposed: ReadonlyMap<string, ExposedMetric>) =>
  [...exposed].filter(([name]) => name.startsWith('presently_'));

test('dashboard, alert rules and documentation speak of the metrics that there are', async () => {
  const exposed = await exposedByApps();

  const queries = dashboardPanels().flatMap(({ targets = [] }) => targets);
  const plain = (expr: string): string => expr.replaceAll(/\$__(rate_interval|range)/g, '5m');
  expect(queries.flatMap(({ expr }) => faultsOf(plain(expr), exposed))).toEqual([]);
  for (const { expr, legendFormat } of queries) {
    const used = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
    expect(resultLabels(plain(expr), exposed)).toEqual(expect.arrayContaining(used));
  }
  // Each metric of ours can be seen.
  const shown = queries.map(({ expr }) => expr).join('\n');
  expect(ours(exposed).filter(([name]) => !shown.includes(`${name}{`))).toEqual([]);

  const rules = alertRules();
  expect(rules.flatMap(({ expr }) => faultsOf(expr, exposed))).toEqual([]);
  for (const { expr, annotations } of rules) {
    const used = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
    expect(resultLabels(expr, exposed)).toEqual(expect.arrayContaining(used));
  }

  const rows = operations.matchAll(/^\| `(presently_\w+)` \| (\w+)((?:, `\w+`)*) \|/gm);
  const documented = [...rows].map(([, name, type, labels = '']) => `${name} ${type}${labels.replaceAll('`', '')}`);
  const existing = ours(exposed).map(([name, { type, labels }]) => [`${name} ${type}`, ...labels.keys()].join(', '));
  expect(documented.toSorted()).toEqual(existing.toSorted());
  const mentioned = operations.match(/presently_[a-z_]+/g) ?? [];
  expect(mentioned.filter((name) => !exposed.has(name))).toEqual([]);
}, 60_000);

test('each alert says what to do, in a sentence, and leads to a heading', () => {
  const headings = anchorsOf(operations).map((anchor) => `docs/OPERATIONS.md#${anchor}`);
  const rules = alertRules();
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { annotations } of rules) {
    expect(annotations.description).toMatch(/^[A-Z].{20,}[^.]\.$/);
    expect(headings).toContain(annotations.runbook);
  }
  // The documentation names them all, and no others.
  const named = operations.match(/\bPresently[A-Z]\w+/g) ?? [];
  expect(new Set(named)).toEqual(new Set(rules.map(({ alert }) => alert)));
});

test('the panels of the dashboard can be told apart', () => {
  const panels = dashboardPanels();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { type, targets = [] } of panels) expect(targets.length > 0).toBe(type !== 'row');
});

test('what no app exposes would be found', () => {
  const exposed = readExposed('# TYPE a_total counter\na_total{reason="busy"} 1\n');
  expect(faultsOf('sum by (reason) (rate(a_total{reason="busy", job=~"x"}[5m]))', exposed)).toEqual([]);
  expect(faultsOf('b_total', exposed)).toEqual(['no app exposes "b_total"']);
  expect(faultsOf('a_total{reason=~"busy|idle"}', exposed)).toHaveLength(1);
  expect(faultsOf('a_total{partition="0"}', exposed)).toHaveLength(1);
  expect(faultsOf('sum by (partition) (a_total)', exposed)).toHaveLength(1);
  expect(faultsOf('sum by (reason) (a_total', exposed)).not.toEqual([]);
});
