import { Head } from "fresh/runtime";
import type { JSX } from "preact";
import { Field } from "./Field.tsx";
import { Note } from "./Note.tsx";

/** The contents of the sign-in page. */
export interface SignInProps {
  /** The problem with the last try; null: none. */
  readonly problem: string | null;
  /** The name as typed. */
  readonly name: string;
  /** The path that opens after signing in. */
  readonly next: string;
  /** Whether there is an account to sign in with. */
  readonly hasAccounts: boolean;
  /** Whether there is an administrator; until then the printed address signs in. */
  readonly hasAdministrator: boolean;
  /** What people call the identity provider by which they can sign in; null: there is none. */
  readonly provider: string | null;
}

/** The page for those who are not signed in: the error, the form, and where it leads. */
export function SignInPage(props: SignInProps): JSX.Element {
  const { problem, name, next, hasAccounts, hasAdministrator, provider } = props;
  return (
    <div class="stack">
      <section class="panel" aria-labelledby="sign-in">
        <div class="body stack">
          <Head>
            <title>Sign in · Job Trigger Portal</title>
          </Head>
          <h1 id="sign-in">Sign in</h1>
          {problem !== null && <Note tone="bad" role="alert" what={`${problem}.`} />}
          {!hasAdministrator && <PrintedAddress />}
          {provider !== null && (
            <a class="button" href={`/sign-in/oidc?next=${encodeURIComponent(next)}`}>Sign in with {provider}</a>
          )}
          {hasAccounts && (
            <form method="post" action="/sign-in" class="stack">
              <input type="hidden" name="next" value={next} />
              <Field name="name" label="Name">
                {(a) => <input {...a} autocomplete="username" autocapitalize="none" spellcheck={false} value={name} />}
              </Field>
              <Field name="password" label="Password">
                {(a) => <input {...a} type="password" autocomplete="current-password" />}
              </Field>
              <button type="submit" class={provider === null ? "button primary" : "button"}>Sign in</button>
            </form>
          )}
        </div>
        {next !== "/" && (
          <footer>
            <span>
              You go on to <code>{next}</code>.
            </span>
          </footer>
        )}
      </section>
      {hasAccounts && (
        <p class="small quiet">
          Lost your password? An administrator sets another under Settings, or on the server with{" "}
          <code>jobctl users passwd NAME</code>.
        </p>
      )}
    </div>
  );
}

function PrintedAddress(): JSX.Element {
  return (
    <>
      <Note
        tone="calm"
        role={null}
        what="The portal has no administrator yet. It lets in the browser that opens the address it printed when it started:"
      >
        <p>
          <code>http://127.0.0.1:…/?token=…</code>
        </p>
      </Note>
      <div>
        <p>You find it</p>
        <ul>
          <li>
            in the terminal in which <code>deno task start</code> or <code>deno task web</code> runs;
          </li>
          <li>
            as a systemd service: <code>journalctl -u jtp-web | grep token=</code>
          </li>
        </ul>
      </div>
      <p class="small quiet">
        Each start prints a new address and ends earlier sessions. The address works for whoever has it, so treat it as
        a password. Make the first account there; from then on people sign in with their names.
      </p>
    </>
  );
}
