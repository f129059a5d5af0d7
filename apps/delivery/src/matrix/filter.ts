import { z } from 'zod';
import '#domain/fault-words';
import { MatrixError } from '#runtime/http/matrix-error';

/** A filter's id carries the filter, so nothing is stored; but ids stand in paths and queries, which have limits. */
export const FILTER_BYTES_MAX = 3_072;

const strings = z.array(z.string()).nullish();

/** The `presence` part of a filter (Matrix client-server API, "Filtering"). */
const presencePart = z.object({
  types: strings,
  not_types: strings,
  senders: strings,
  not_senders: strings,
  limit: z.int().positive().nullish(),
});

/** A filter, as far as presence is concerned. The rest is kept as it is, and given back, but filters nothing. */
export const filterSchema = z.looseObject({ presence: presencePart.nullish() });

/** What of presence a client wants to be told. An absent list lets everything through; `not_…` goes before the other. */
export interface PresenceFilter {
  /** Event types; `*` in one stands for any characters. */
  readonly types: readonly string[] | null;
  readonly notTypes: readonly string[];
  /** User ids, exactly. */
  readonly senders: readonly string[] | null;
  readonly notSenders: readonly string[];
  /** The most users of a first answer, or of one that goes on with it; what is new later comes all. Null: as many as there are. */
  readonly limit: number | null;
}

export const NO_FILTER: PresenceFilter = { types: null, notTypes: [], senders: null, notSenders: [], limit: null };

/**
 * Reads the `filter` parameter of `/sync`: a filter as JSON, or the id of one. Throws 400 (`M_INVALID_PARAM`) with a sentence
 * when it is neither.
 */
export function parseFilter(value: string): PresenceFilter {
  const filter = value.startsWith('{') ? readJson(value) : filterOfId(value);
  const result = filterSchema.safeParse(filter);
  if (!result.success) throw invalid(`The filter cannot be used: ${faultsOf(result.error)}.`);
  const { presence } = result.data;
  if (presence == null) return NO_FILTER;
  return {
    types: presence.types ?? null,
    notTypes: presence.not_types ?? [],
    senders: presence.senders ?? null,
    notSenders: presence.not_senders ?? [],
    limit: presence.limit ?? null,
  };
}

/** Whether the filter lets the event through. Its `limit` is for the caller to keep. */
export function passes(filter: PresenceFilter, { type, sender }: { type: string; sender: string }): boolean {
  if (filter.notSenders.includes(sender) || filter.notTypes.some((pattern) => matches(pattern, type))) return false;
  if (filter.senders !== null && !filter.senders.includes(sender)) return false;
  return filter.types === null || filter.types.some((pattern) => matches(pattern, type));
}

/** The id of a filter. Throws 400 when the filter cannot be used, or is too long to be carried. */
export function filterId(filter: unknown): string {
  const text = JSON.stringify(filter) ?? '';
  const bytes = Buffer.byteLength(text);
  if (bytes > FILTER_BYTES_MAX) {
    throw invalid(`The filter has ${bytes} bytes, and an id can carry ${FILTER_BYTES_MAX}: make it shorter.`);
  }
  const result = filterSchema.safeParse(filter);
  if (!result.success) throw invalid(`Send a filter as a JSON object: ${faultsOf(result.error)}.`);
  return Buffer.from(text).toString('base64url');
}

/** The filter that an id carries. Throws 400 when it is not one of `filterId`. */
export function filterOfId(id: string): unknown {
  const bytes = Buffer.from(id, 'base64url');
  if (bytes.length > FILTER_BYTES_MAX || bytes.toString('base64url') !== id) throw unknownId();
  const text = bytes.toString();
  if (!text.startsWith('{')) throw unknownId();
  return readJson(text);
}

function readJson(text: string): unknown {
  if (Buffer.byteLength(text) > FILTER_BYTES_MAX) throw invalid(`A filter takes at most ${FILTER_BYTES_MAX} bytes.`);
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The filter is not JSON.');
  }
}

/** Whether the text is the pattern, in which each `*` stands for any characters, or none. Takes no longer than their product. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

const faultsOf = (error: z.ZodError): string =>
  error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.')} ${message}`.trim())
    .join('; ');

const invalid = (message: string): MatrixError => new MatrixError(400, 'M_INVALID_PARAM', message);
const unknownId = (): MatrixError => invalid('There is no such filter. Upload it anew, or send it as JSON.');
