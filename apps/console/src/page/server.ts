/** The server that gave out this page: the console may be under a path. */
export function serverUrl(): string {
  return new URL('.', document.baseURI).href;
}

/** How the server knows callers: `dev` believes everybody. */
export function authMode(): string {
  return told('presently-auth') ?? 'jwt';
}

/** The token with which one may sign in at once, as in the demo; null: one has to say who one is. */
export function signInAs(): string | null {
  return told('presently-sign-in-as');
}

function told(name: string): string | null {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? null;
}
