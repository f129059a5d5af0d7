import { el } from './dom.ts';
import { authMode } from './server.ts';
import type { Session } from './session.ts';

/** Asks for a token. */
export function signInForm(error: string | null, signIn: (session: Session) => void): HTMLElement {
  const isDev = authMode() === 'dev';
  const token = el('input', {
    id: 'token',
    type: isDev ? 'text' : 'password',
    required: true,
    autocomplete: 'off',
    spellcheck: false,
    placeholder: isDev ? '@alice:example/LAPTOP' : '',
    autofocus: true,
  });
  const isUnseen = el('input', { id: 'unseen', type: 'checkbox' });
  const form = el(
    'form',
    { className: 'card sign-in' },
    el('h1', {}, 'Presently'),
    el('p', { className: 'muted' }, 'Who is online, who is idle, as it changes.'),
    el('p', { role: 'alert', className: 'error' }, error ?? ''),
    el('label', { htmlFor: 'token' }, isDev ? 'Who you are, as @user:server/DEVICE' : 'Access token'),
    token,
    el('label', { className: 'choice' }, isUnseen, 'Watch without being seen online'),
    el('button', { type: 'submit', className: 'primary' }, 'Sign in'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    signIn({ token: token.value.trim(), isUnseen: isUnseen.checked });
  });
  return el('main', { className: 'centred' }, form);
}
