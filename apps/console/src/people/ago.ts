const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** `3 min ago`, of milliseconds. */
export function agoText(ms: number): string {
  for (const [unitMs, unit] of UNITS) if (ms >= unitMs) return `${Math.floor(ms / unitMs)} ${unit} ago`;
  return 'just now';
}
