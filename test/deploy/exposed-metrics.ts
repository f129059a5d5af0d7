/** A metric as `/metrics` shows it. */
export interface ExposedMetric {
  readonly type: string;
  /** Its labels, each with the values that are there. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reads Prometheus' text format: metrics by name; a histogram also by the names of its samples. */
export function readExposed(text: string): Map<string, ExposedMetric> {
  const metrics = new Map<string, { type: string; labels: Map<string, Set<string>> }>();
  const metric = (name: string) => {
    const found = metrics.get(name) ?? { type: 'sample', labels: new Map<string, Set<string>>() };
    metrics.set(name, found);
    return found;
  };
  for (const line of text.split('\n')) {
    const [, typed, type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (typed !== undefined) metric(typed).type = type;
    const [, name, labels = ''] = /^([a-z]\w*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      const values = metric(name).labels.get(label) ?? new Set();
      metric(name).labels.set(label, values.add(value));
    }
  }
  return metrics;
}
