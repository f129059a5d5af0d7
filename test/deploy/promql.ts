import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { ExposedMetric } from './exposed-metrics.ts';

/** Labels that Prometheus gives to all that it reads. */
const TARGET_LABELS = ['job', 'instance'];
/** Made by Prometheus itself. */
const UP: ExposedMetric = { type: 'gauge', labels: new Map() };

/** What is wrong with a PromQL expression when these metrics are all that there are, a sentence each. */
export function faultsOf(expression: string, exposed: ReadonlyMap<string, ExposedMetric>): string[] {
  const faults: string[] = [];
  const tree = parser.parse(expression);
  const textOf = ({ from, to }: { from: number; to: number }): string => expression.slice(from, to);
  tree.iterate({
    enter({ node }) {
      if (node.type.isError) faults.push(`"${expression}" is no PromQL at ${node.from}`);
      if (node.name === 'VectorSelector') checkSelector(node);
      if (node.name === 'GroupingLabels') checkGrouping(node);
    },
  });
  return faults;

  function metricOf(selector: SyntaxNode): ExposedMetric | undefined {
    const name = textOf(selector.getChild('Identifier') ?? selector);
    return name === 'up' ? UP : exposed.get(name);
  }

  function checkSelector(selector: SyntaxNode): void {
    const metric = metricOf(selector);
    if (metric === undefined) return void faults.push(`no app exposes "${textOf(selector)}"`);
    for (const matcher of descendants(selector, 'UnquotedLabelMatcher')) {
      const [, label = '', operator = '', pattern = ''] = /^(\w+)\s*([=!~]+)\s*"(.*)"$/.exec(textOf(matcher)) ?? [];
      if (TARGET_LABELS.includes(label)) continue;
      const values = [...(metric.labels.get(label) ?? [])];
      const wanted = operator.endsWith('~') ? pattern.split('|') : [pattern];
      const missing = wanted.filter((value) => !values.includes(value));
      if (missing.length > 0) faults.push(`"${textOf(selector)}": ${label} is never "${missing.join('", "')}"`);
    }
  }

  function checkGrouping(grouping: SyntaxNode): void {
    let whole: SyntaxNode = grouping;
    while (!['AggregateExpr', 'BinaryExpr'].includes(whole.name) && whole.parent !== null) whole = whole.parent;
    const labels = descendants(grouping, 'LabelName').map(textOf);
    for (const selector of descendants(whole, 'VectorSelector')) {
      const known = [...TARGET_LABELS, ...(metricOf(selector)?.labels.keys() ?? [])];
      const unknown = labels.filter((label) => !known.includes(label));
      if (unknown.length > 0) faults.push(`"${textOf(selector)}" has no label ${unknown.join(', ')}`);
    }
  }
}

/** The labels that a result of the expression has: those it is grouped by, else all of its metrics. */
export function resultLabels(expression: string, exposed: ReadonlyMap<string, ExposedMetric>): string[] {
  const top = parser.parse(expression).topNode;
  const textOf = ({ from, to }: SyntaxNode): string => expression.slice(from, to);
  const groupings = descendants(top, 'AggregateModifier').flatMap((by) => descendants(by, 'LabelName'));
  if (groupings.length > 0) return groupings.map(textOf);
  const names = descendants(top, 'Identifier').map(textOf);
  return [...TARGET_LABELS, ...names.flatMap((name) => [...(exposed.get(name)?.labels.keys() ?? [])])];
}

function descendants(node: SyntaxNode, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  node.cursor().iterate((each) => {
    if (each.name === name) found.push(each.node);
  });
  return found;
}
