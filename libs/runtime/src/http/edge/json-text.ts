import { parse } from 'secure-json-parse';

/** Nothing that is meant to be read here comes near it, and what walks a value by recursion can walk this deep. */
const DEPTH_MAX = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKETS = { opening: [0x5b, 0x7b], closing: [0x5d, 0x7d] };

/** Why a text cannot be read as JSON. The message goes on from what the text is: "The body" "is not JSON". */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
}

/**
 * Parses JSON that comes from outside. Throws a `JsonFault`: it is not JSON; it is nested so deeply that `JSON.stringify`
 * would overflow the stack (`JSON.parse` does not); or it has a key that means the prototype to careless code.
 */
export function parseJson(text: string): unknown {
  if (isDeeperThan(text, DEPTH_MAX)) throw new JsonFault(`is nested more than ${DEPTH_MAX} levels deep`);
  try {
    return parse(text, { protoAction: 'error', constructorAction: 'error' });
  } catch (error) {
    throw new JsonFault(
      isForbiddenKey(error) ? 'has a key that is not allowed: __proto__, or constructor with prototype' : 'is not JSON',
    );
  }
}

function isForbiddenKey(error: unknown): boolean {
  return error instanceof Error && error.message.includes('forbidden prototype');
}

/** Whether brackets are open more than `depthMax` deep anywhere. Takes time in proportion to the text, whatever is in it. */
function isDeeperThan(text: string, depthMax: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (BRACKETS.closing.includes(code)) depth--;
    else if (BRACKETS.opening.includes(code) && ++depth > depthMax) return true;
  }
  return false;
}

/** Where the string that begins at `start` has its closing quote: one with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
