/** An answer of a route: its status, and its body as JSON. */
export interface ApiAnswer<Body> {
  readonly status: number;
  readonly body: Body;
  readonly retryAfter: string | null;
}

/** Calls routes with an access token, or without one (null). */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly accessToken: string | null,
  ) {}

  get<Body = unknown>(path: string): Promise<ApiAnswer<Body>> {
    return this.request('GET', path);
  }

  post<Body = unknown>(path: string, body: unknown): Promise<ApiAnswer<Body>> {
    return this.request('POST', path, body);
  }

  put<Body = unknown>(path: string, body: unknown): Promise<ApiAnswer<Body>> {
    return this.request('PUT', path, body);
  }

  private async request<Body>(method: string, path: string, body?: unknown): Promise<ApiAnswer<Body>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.accessToken === null ? {} : { authorization: `Bearer ${this.accessToken}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const answer = (await response.json()) as Body;
    return { status: response.status, body: answer, retryAfter: response.headers.get('retry-after') };
  }
}
