/** Lets so many do something at once; others wait in line, as long as their signal lets them. */
export class Permits {
  private taken = 0;
  private readonly line: (() => void)[] = [];

  constructor(
    private readonly max: number,
    private readonly waitingMax: number,
  ) {}

  /**
   * Resolves when it is the caller's turn, with what gives the permit back, to be called once. Rejects when too many wait, or
   * when the signal is aborted before.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.taken < this.max) this.taken++;
    else await this.turn(signal); // whoever gives a permit back hands it over
    return () => {
      const next = this.line.shift();
      if (next === undefined) this.taken--;
      else next();
    };
  }

  private turn(signal: AbortSignal): Promise<void> {
    if (this.line.length >= this.waitingMax) return Promise.reject(new Error('too many wait for it'));
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.line.splice(this.line.indexOf(enter), 1);
        reject(new Error('it did not answer in time'));
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      this.line.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
