import type { ConnectOptions } from './options.ts';
import { RequestError } from './request-error.ts';

export interface HttpRequest {
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Sends requests with the access token. */
export class Http {
  private readonly base: URL;

  constructor(private readonly options: Pick<ConnectOptions, 'url' | 'token'>) {
    this.base = new URL(options.url);
    if (!this.base.pathname.endsWith('/')) this.base.pathname += '/';
  }

  /** `path` begins with a slash. Throws a `RequestError` for every status but 2xx. */
  async send(path: string, { method = 'GET', body, headers = {}, signal }: HttpRequest): Promise<Response> {
    const { token } = this.options;
    const bearer = typeof token === 'string' ? token : await token();
    const response = await fetch(new URL(path.slice(1), this.base), {
      method,
      signal,
      headers: {
        ...headers,
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await RequestError.of(response);
    return response;
  }
}
