import type { ComponentChildren, JSX } from "preact";
import { Field } from "./Field.tsx";
import { Icon } from "./Icon.tsx";
import { Page } from "./Page.tsx";

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

/** The page for those who are not signed in. */
export function SignInPage(props: SignInProps): JSX.Element {
  const { problem, name, next, hasAccounts, hasAdministrator, provider } = props;
  return (
    <div class="panel">
      <Page title="Sign in">
        {problem !== null && <Problem>{problem}.</Problem>}
        {!hasAdministrator && <PrintedAddress />}
        {provider !== null && (
          <p>
            <a class="button" href={`/sign-in/oidc?next=${encodeURIComponent(next)}`}>Sign in with {provider}</a>
          </p>
        )}
        {hasAccounts && (
          <form method="post" action="/sign-in" class="narrow-form">
            <input type="hidden" name="next" value={next} />
            <Field name="name" label="Name">
              {(a) => <input {...a} autocomplete="username" autocapitalize="none" spellcheck={false} value={name} />}
            </Field>
            <Field name="password" label="Password">
              {(a) => <input {...a} type="password" autocomplete="current-password" />}
            </Field>
            <button type="submit" class="button primary">Sign in</button>
            {next !== "/" && (
              <p class="quiet">
                You go on to <code>{next}</code>.
              </p>
            )}
            <p class="quiet">
              Lost your password? An administrator sets another under Settings, or on the server:{" "}
              <code>jobctl users passwd NAME</code>
            </p>
          </form>
        )}
      </Page>
    </div>
  );
}

/** A problem, which screen readers read out at once. */
export function Problem({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <p class="notice bad" role="alert">
      <span>
        <Icon name="cross" /> {children}
      </span>
    </p>
  );
}

function PrintedAddress(): JSX.Element {
  return (
    <>
      <p>
        The portal has no administrator yet. It lets in the browser that opens the address it printed when it started:
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
        Each start prints a new address and ends earlier sessions. The address works for whoever has it, so treat it as
        a password. Make the first account there; from then on people sign in with their names.
      </p>
    </>
  );
}
