/** Injection tokens of what every app is given. Classes are their own tokens. */
export const CONFIG = Symbol('Config');
export const CLOCK = Symbol('Clock');
export const LOG = Symbol('Log');
export const METRICS = Symbol('Metrics');
