import type { ApiToken, Permission } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { Action } from "./Action.tsx";
import { Field } from "./Field.tsx";
import { Badge } from "./Status.tsx";
import { Time } from "./Time.tsx";

/** The choices of days until a token expires; empty: never. */
export const TOKEN_DAYS = ["7", "30", "90", "365", ""] as const;

/** The form of a token, as typed. */
export interface TokenFields {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly labels: string;
  readonly days: string;
}

/** The form of a new token. */
export const NEW_TOKEN: TokenFields = {
  name: "",
  scopes: ["jobs.read", "runs.read", "logs.read"],
  labels: "",
  days: "90",
};

/** A user's API tokens, the secret of a new one, and the form for another. */
export interface TokensProps {
  readonly tokens: readonly ApiToken[];
  /** The secret of the new token, shown this once. */
  readonly secret: string | null;
  readonly view: View;
  /** The address of the forms, such as `/account/tokens`. */
  readonly path: string;
  /** The permissions that the user can give a token. */
  readonly scopes: readonly Permission[];
  readonly typed: TokenFields;
  readonly problems: Readonly<Record<string, string | undefined>>;
}

/** A user's API tokens. */
export function Tokens({ tokens, secret, view, path, scopes, typed, problems }: TokensProps): JSX.Element {
  return (
    <section aria-labelledby="tokens" class="stack">
      <h2 id="tokens">API tokens</h2>
      {secret !== null && (
        <div class="notice ok" role="status">
          <p>The token was made. Copy it now: it is not shown again.</p>
          <p>
            <code class="secret">{secret}</code>
          </p>
        </div>
      )}
      {tokens.length > 0 && <TokenTable tokens={tokens} view={view} path={path} />}
      <details open={Object.keys(problems).length > 0}>
        <summary>New token</summary>
        <form method="post" action={path} class="narrow-form">
          <Field name="name" label="Name" problem={problems.name} help="What it is for, such as the name of a program.">
            {(a) => <input {...a} required value={typed.name} autocomplete="off" />}
          </Field>
          <fieldset class="field">
            <legend>It may</legend>
            {problems.scopes !== undefined && <p class="problem">{problems.scopes}</p>}
            <div class="checks">
              {scopes.map((scope) => (
                <label key={scope} class="check">
                  <input type="checkbox" name="scopes" value={scope} checked={typed.scopes.includes(scope)} />
                  <code>{scope}</code>
                </label>
              ))}
            </div>
          </fieldset>
          <Field
            name="labels"
            label="Only jobs with one of these labels"
            problem={problems.labels}
            help="Separated by commas. Empty: no such limit."
          >
            {(a) => <input {...a} value={typed.labels} autocomplete="off" />}
          </Field>
          <Field name="days" label="Expires" problem={problems.expiresAt}>
            {(a) => (
              <select {...a}>
                {TOKEN_DAYS.map((days) => (
                  <option key={days} value={days} selected={typed.days === days}>
                    {days === "" ? "Never" : `In ${days} days`}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <div class="form-end">
            <button type="submit" class="button primary">Make the token</button>
          </div>
        </form>
      </details>
    </section>
  );
}

function TokenTable({ tokens, view, path }: Pick<TokensProps, "tokens" | "view" | "path">): JSX.Element {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Token</th>
          <th scope="col">State</th>
          <th scope="col">May</th>
          <th scope="col">Expires</th>
          <th scope="col">Last used</th>
          <th scope="col">
            <span class="sr">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => {
          const { id, name, prefix, scopes, labels, expiresAt, lastUsedAt, revokedAt } = token;
          const isExpired = expiresAt !== null && expiresAt <= view.now;
          return (
            <tr key={id}>
              <th scope="row" data-label="Token">
                <bdi>{name}</bdi>
                <span class="quiet path">
                  <code>{prefix}…</code>
                </span>
              </th>
              <td data-label="State">
                {revokedAt !== null
                  ? <Badge text="Revoked" icon="end" tone="calm" />
                  : isExpired
                  ? <Badge text="Expired" icon="timeout" tone="warn" />
                  : <Badge text="Active" icon="active" tone="ok" />}
              </td>
              <td data-label="May">
                {scopes.join(", ")}
                {labels !== null && <span class="quiet path">only jobs labelled {labels.join(", ")}</span>}
              </td>
              <td data-label="Expires">{expiresAt === null ? "never" : <Time at={expiresAt} view={view} />}</td>
              <td data-label="Last used">{lastUsedAt === null ? "never" : <Time at={lastUsedAt} view={view} />}</td>
              <td class="row-actions">
                {revokedAt === null && (
                  <Action to={`${path}/${id}/revoke`} icon="trash" label="Revoke" of={name} tone="danger" />
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
