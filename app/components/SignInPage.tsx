import type { JSX } from "preact";
import { Page } from "./Page.tsx";

/** The page for visitors without a session: how to sign in. `problem` names the error of a failed try. */
export function SignInPage({ problem }: { readonly problem: string | null }): JSX.Element {
  return (
    <div class="panel">
      <Page title="Sign in">
        {problem !== null && <p class="notice bad" role="alert">{problem}.</p>}
        <p>
          The portal has no accounts yet. It lets in the browser that opens the address it printed when it started:
        </p>
        <p class="notice">
          <code>http://127.0.0.1:…/?token=…</code>
        </p>
        <p>You find it</p>
        <ul class="plain-list">
          <li>
            in the terminal in which <code>deno task start</code> or <code>deno task web</code> runs;
          </li>
          <li>
            as a systemd service: <code>journalctl -u jtp-web | grep token=</code>
          </li>
        </ul>
        <p class="quiet">
          Each start prints a new address and ends earlier sessions. The address works for whoever has it, so treat it
          as a password.
        </p>
      </Page>
    </div>
  );
}
