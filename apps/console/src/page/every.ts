import { systemClock } from '#client/system-clock';

/** Calls `run` every `ms` milliseconds, until the function that it returns is called. */
export function every(ms: number, run: () => void): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    cancel = systemClock.after(ms, () => {
      again();
      run();
    });
  };
  again();
  return () => cancel();
}
