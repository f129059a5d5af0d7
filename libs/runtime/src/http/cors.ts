import { list } from '../setting-schemas.ts';
import { isLoopback } from '../auth/loopback.ts';

/** Browsers ask again after this; most allow no more. */
const PREFLIGHT_S = 7_200;

/** Which pages of other origins may call, by environment variable. The README's table says the same. */
export const corsSettings = {
  PRESENTLY_CORS_ORIGINS: list
    .refine((origins) => origins.every(isOrigin), 'takes origins, as https://app.example.org, or *')
    .default([])
    .describe('Origins whose pages may call from a browser, comma-separated, or `*`.'),
};

function isOrigin(text: string): boolean {
  return text === '*' || (URL.canParse(text) && new URL(text).origin === text);
}

/** What is wrong between this and other settings. */
export function corsFaults(good: { PRESENTLY_AUTH?: string; PRESENTLY_CORS_ORIGINS?: readonly string[] }): string[] {
  const { PRESENTLY_AUTH: auth, PRESENTLY_CORS_ORIGINS: origins = [] } = good;
  if (auth !== 'dev') return [];
  const foreign = origins.filter((origin) => origin !== '*' && !isLoopback(new URL(origin).hostname));
  if (foreign.length === 0) return [];
  return [
    `PRESENTLY_AUTH=dev answers pages of this machine only, and PRESENTLY_CORS_ORIGINS names ${foreign.join(', ')}`,
  ];
}

/** Options for @fastify/cors; null: browsers let no page of another origin read an answer. */
export function corsOptions({ PRESENTLY_CORS_ORIGINS: origins }: { PRESENTLY_CORS_ORIGINS: readonly string[] }) {
  if (origins.length === 0) return null;
  return {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID'],
    exposedHeaders: ['Retry-After'],
    maxAge: PREFLIGHT_S,
    strictPreflight: false, // else it answers what is none in a shape of its own
  };
}
