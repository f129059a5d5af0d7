import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from '../../auth/authenticator.ts';
import { bearerToken } from '../../auth/authenticator.ts';
import { MatrixError } from '../matrix-error.ts';
import { BodyBytes, BodyStore } from './body-bytes.ts';
import { JsonFault, parseJson } from './json-text.ts';
import { takesLargeBody } from './large-body.ts';

export const NDJSON = 'application/x-ndjson';
export const BODY_BYTES_MAX = 1024 * 1024;
export const LARGE_BODY_BYTES_MAX = 8 * 1024 * 1024;
/** Shorter bodies are read before it is known from whom they come. */
const UNKNOWN_BODY_BYTES_MAX = 64 * 1024;
const STORE_BYTES_MAX = 128 * 1024 * 1024;

/** Reads bodies of JSON, and of NDJSON as text. All others are refused (415). */
export function addBodyParsers(fastify: FastifyInstance, authenticator: Authenticator): void {
  const store = new BodyStore(STORE_BYTES_MAX);
  const parser = (read: (text: string) => unknown) => async (request: FastifyRequest, payload: IncomingMessage) => {
    const bytesMax = takesLargeBody(request) ? LARGE_BODY_BYTES_MAX : BODY_BYTES_MAX;
    const body = new BodyBytes(payload, store, bytesMax);
    try {
      const refusal = await refusalOf(request, authenticator);
      if (refusal !== null) await body.refuse(refusal);
      const bytes = await body.read();
      if (!isUtf8(bytes)) throw notJson('The body is not UTF-8.');
      return read(bytes.toString());
    } finally {
      body.release();
    }
  };
  fastify.removeAllContentTypeParsers(); // Fastify's own would take text/plain, which is as a string NDJSON
  fastify.addContentTypeParser('application/json', parser(readJson));
  fastify.addContentTypeParser(
    NDJSON,
    parser((text) => text),
  );
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw notJson(`The body ${error.message}.`);
  }
}

/** Why the body is not to be read, whatever is in it; null: it is. */
async function refusalOf(request: FastifyRequest, authenticator: Authenticator): Promise<Error | null> {
  const { headers } = request;
  if (/;\s*charset=(?!"?utf-8"?\s*(?:;|$))/i.test(headers['content-type'] ?? '')) {
    return new MatrixError(415, 'M_NOT_JSON', 'Send the body in UTF-8.');
  }
  const length = headers['content-length'] === undefined ? Infinity : Number(headers['content-length']);
  if (!takesLargeBody(request) || length <= UNKNOWN_BODY_BYTES_MAX) return null;
  try {
    await authenticator.upstream(bearerToken(headers.authorization));
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const notJson = (message: string): MatrixError => new MatrixError(400, 'M_NOT_JSON', message);
