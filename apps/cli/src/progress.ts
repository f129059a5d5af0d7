import { Presets, SingleBar } from 'cli-progress';

/** Shows how far something is: a bar on a terminal, nothing when piped. */
export class Progress {
  private readonly bar: SingleBar | null;
  private total: number | null = null;

  constructor(label: string, unit: string) {
    const format = `${label} {bar} {percentage} % · {value}/{total} ${unit} · {eta_formatted} left`;
    this.bar = process.stderr.isTTY
      ? new SingleBar(
          { format, stream: process.stderr, hideCursor: true, clearOnComplete: true },
          Presets.shades_classic,
        )
      : null;
  }

  /** `total` null: not known, so there is nothing to show. */
  update(value: number, total: number | null): void {
    if (this.bar === null || total === null) return;
    if (this.total === null) this.bar.start(total, value);
    else if (this.total !== total) this.bar.setTotal(total);
    this.total = total;
    this.bar.update(value);
  }

  stop(): void {
    this.bar?.stop();
  }
}
