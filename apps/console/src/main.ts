import './style.css';
import { connect } from '#client/index';
import { App } from './page/app.ts';
import { serverUrl, signInAs } from './page/server.ts';
import type { Session } from './page/session.ts';
import { forgetSession, keepSession, storedSession } from './page/session.ts';
import { signInForm } from './page/sign-in.ts';

/** Shows the console of whoever is signed in; and the form, when nobody is or the server does not know the token. */
function start(session: Session | null, error: string | null = null): void {
  if (session === null) {
    const form = signInForm(error, (signedIn) => {
      keepSession(signedIn);
      start(signedIn);
    });
    return document.body.replaceChildren(form);
  }
  const client = connect({
    url: serverUrl(),
    token: session.token,
    ...(session.isUnseen ? { setPresence: 'offline' as const } : {}),
  });
  const leave = (why: string | null): void => {
    client.close();
    forgetSession();
    start(null, why);
  };
  const app = new App(client, () => leave(null));
  document.body.replaceChildren(app.element);
  app.run().catch((reason: unknown) => leave(reason instanceof Error ? reason.message : String(reason)));
}

const demo = signInAs();
start(storedSession() ?? (demo === null ? null : { token: demo, isUnseen: false }));
