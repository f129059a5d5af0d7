import fc from 'fast-check';
import type { HostileServer } from '../support/hostile/hostile-server.ts';
import { BYSTANDER } from '../support/hostile/hostile-server.ts';
import { faultOf, send } from '../support/hostile/send.ts';
import { faultOfMutated } from './mutated-bytes.ts';
import type { FuzzRequest } from './requests.ts';
import { fuzzRequest } from './requests.ts';

const AT_ONCE_MAX = 16;

/** What came of it, by status. */
export type Statuses = ReadonlyMap<number, number>;

/**
 * Sends that many requests, some at once, and checks each answer: no 5xx but 503, and every error as Matrix has them. None may
 * have changed the bystander. Rejects with the least requests that break it, and the seed.
 */
export async function fuzz(
  hostile: HostileServer,
  count: number,
  seed: number,
  tick = (_sent: number): void => undefined,
): Promise<Statuses> {
  const statuses = new Map<number, number>();
  const before = await bystanderOf(hostile);
  let sent = 0;
  const requests = fc.array(fuzzRequest(hostile), { minLength: 1, maxLength: AT_ONCE_MAX, size: 'max' });
  const property = fc.asyncProperty(requests, async (some) => {
    const faults = await Promise.all(some.map((request) => faultOfRequest(hostile, request, statuses)));
    const after = await bystanderOf(hostile);
    if (after !== before) faults.push(`the bystander was ${before}, and is ${after}`);
    tick((sent += some.length));
    const found = faults.filter((fault) => fault !== null);
    if (found.length > 0) throw new Error(found.join('\n'));
  });
  const numRuns = Math.ceil((2 * count) / (1 + AT_ONCE_MAX));
  await fc.assert(property, { numRuns, seed, includeErrorInReport: true });
  return statuses;
}

async function faultOfRequest(
  { url }: HostileServer,
  request: FuzzRequest,
  statuses: Map<number, number>,
): Promise<string | null> {
  if (request.mutations !== null) return faultOfMutated(url, request, request.mutations);
  const fault = await send(url, request).then((answer) => {
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    return request.isSpoilt && answer.status < 400 ? `accepted: ${answer.text}` : faultOf(answer);
  }, String);
  const { method, path, headers, body = '' } = request;
  return fault === null ? null : `${fault}\n  ${method} ${path} ${JSON.stringify(headers)} ${body.toString()}`;
}

/** All that anybody could have changed of the bystander. */
async function bystanderOf({ url, tokens }: HostileServer): Promise<string> {
  const get = async (path: string, token: string): Promise<Record<string, unknown>> => {
    const { status, text } = await send(url, { method: 'GET', path, headers: { authorization: `Bearer ${token}` } });
    return { status, ...(JSON.parse(text) as object) };
  };
  const own = encodeURIComponent(BYSTANDER);
  const [presence, visibility, lists] = await Promise.all([
    get(`/_matrix/client/v3/presence/${own}/status`, tokens.bystander),
    get(`/v1/users/${own}/visibility`, tokens.bystander),
    get(`/_matrix/client/v3/presence/list/${own}?pending=true`, tokens.bystander),
  ]);
  const { last_active_ago: _moves, ...seen } = presence;
  const { outgoing, followers } = lists; // whoever may ask the bystander, does
  return JSON.stringify([seen, visibility, outgoing, followers]);
}
