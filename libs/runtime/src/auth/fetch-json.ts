const BYTES_MAX = 1024 * 1024;

/** An answer of another service; `body` is undefined when it is not JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Seconds of a `Retry-After` header, at least 0; null without. */
  readonly retryAfterS: number | null;
}

/**
 * Asks another service by GET, which must not send us elsewhere, with a token perhaps: a redirection is the answer. Rejects
 * when it does not answer, or with more than 1 MiB; the message is a reason in words.
 */
export async function fetchJson(
  url: string,
  headers: Headers | Record<string, string>,
  signal: AbortSignal,
): Promise<JsonAnswer> {
  try {
    const response = await fetch(url, { headers, signal, redirect: 'manual' });
    const text = await limitedText(response);
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
    return { status: response.status, body: parse(text), retryAfterS: retryAfter >= 0 ? retryAfter : null };
  } catch (error) {
    throw new Error(reasonOf(error, signal), { cause: error });
  }
}

async function limitedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX) throw new Error(`the answer is longer than ${BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node's fetch says "fetch failed", and the reason in the cause. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'it did not answer in time';
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
