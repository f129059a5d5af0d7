const MICROSECONDS_PER_SECOND = 1e6;

/** What this process took, as `/metrics` of the bare servers says it. */
export function ownUsage(): string {
  const { user, system } = process.cpuUsage();
  return (
    `process_cpu_seconds_total ${(user + system) / MICROSECONDS_PER_SECOND}\n` +
    `process_resident_memory_bytes ${process.memoryUsage.rss()}\n`
  );
}
