/** Who is signed in, for as long as the tab is open. */
export interface Session {
  readonly token: string;
  /** They watch, and nobody sees that they are there. */
  readonly isUnseen: boolean;
}

const KEY = 'presently.session';

export function storedSession(): Session | null {
  const text = sessionStorage.getItem(KEY);
  return text === null ? null : (JSON.parse(text) as Session);
}

export function keepSession(session: Session): void {
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

export function forgetSession(): void {
  sessionStorage.removeItem(KEY);
}
