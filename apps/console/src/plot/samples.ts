const SAMPLES_MAX = 3_600;

/** Values over time, from the first to the latest: when they become too many, every other one is dropped, and fewer are taken. */
export class Samples {
  /** Seconds since the epoch, and then the values, as uPlot wants them. */
  columns: number[][];
  private takeEvery = 1;
  private skipped = 0;

  constructor(
    width: number,
    private readonly max = SAMPLES_MAX,
  ) {
    this.columns = Array.from({ length: width + 1 }, () => []);
  }

  /** `at` is in milliseconds. */
  add(at: number, values: readonly number[]): void {
    if (++this.skipped < this.takeEvery) return;
    this.skipped = 0;
    [at / 1_000, ...values].forEach((value, column) => this.columns[column]?.push(value));
    if ((this.columns[0]?.length ?? 0) < this.max) return;
    this.columns = this.columns.map((column) => column.filter((_, index) => index % 2 === 0));
    this.skipped = this.takeEvery; // the last one was dropped: the next belongs in its place, one step on
    this.takeEvery *= 2;
  }
}
