/** What one thing took, run after run. */
export interface Measurement {
  /** Such as `parse and fold`. */
  readonly what: string;
  /** Such as `events/s`. */
  readonly unit: string;
  /** One of each run. */
  readonly values: readonly number[];
}

/** What is to be reached, and what was. */
export interface Goal {
  /** Such as `at least 0.6 of parsing alone`. */
  readonly text: string;
  readonly value: number;
  readonly isReached: boolean;
}

/** How cost grows: for the plot in docs/PERFORMANCE.md. */
export interface Series {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface BenchmarkResult {
  readonly measurements: readonly Measurement[];
  readonly goals: readonly Goal[];
  readonly series?: readonly Series[];
  /** What has to be known to read the figures, such as the share of the machine that the load side took. */
  readonly notes?: readonly string[];
}

export interface BenchmarkContext {
  /** How often everything is measured, after a warm-up. */
  readonly runs: number;
  /** Sizes so small that it only shows that it works. */
  readonly isQuick: boolean;
  /** An empty directory, which is removed afterwards. */
  readonly directory: string;
  /** `KAFKA_BROKERS`; null: what needs Kafka is left out, and said to be. */
  readonly brokers: readonly string[] | null;
  /** A line about what is being done. */
  say(line: string): void;
}

export interface Benchmark {
  readonly name: string;
  /** What it measures, in one line. */
  readonly summary: string;
  run(context: BenchmarkContext): Promise<BenchmarkResult>;
}
