interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** What a server tells of itself, in Prometheus' text format. */
export class Metrics {
  private readonly samples: readonly Sample[];

  constructor(
    text: string,
    /** When it was told, milliseconds. */
    readonly at: number,
  ) {
    this.samples = text.split('\n').flatMap((line) => sampleOf(line) ?? []);
  }

  /** The sum over all labels; null when there is no such metric. */
  sum(name: string): number | null {
    const values = this.samples.filter((sample) => sample.name === name).map(({ value }) => value);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  }

  /** By the number of the partition. */
  byPartition(name: string): ReadonlyMap<number, number> {
    const values = new Map<number, number>();
    for (const { name: other, labels, value } of this.samples) {
      const partition = labels.get('partition');
      if (other === name && partition !== undefined) values.set(Number(partition), value);
    }
    return values;
  }

  /** How much a counter grew in a second since `before`; null when it is not there, or the server has started anew. */
  rate(name: string, before: Metrics): number | null {
    const [now, then] = [this.sum(name), before.sum(name)];
    const seconds = (this.at - before.at) / 1_000;
    return now === null || then === null || now < then || seconds <= 0 ? null : (now - then) / seconds;
  }
}

function sampleOf(line: string): Sample | null {
  const [, name, labels = '', value] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  if (name === undefined || value === undefined) return null;
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, key = '', text = '']) => [key, text] as const,
  );
  return { name, labels: new Map(pairs), value: Number(value) };
}
