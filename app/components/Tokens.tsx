import type { ApiToken, Permission } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Field } from "./Field.tsx";
import { Fold } from "./Fold.tsx";
import { Menu, MenuAction } from "./Menu.tsx";
import { NewSecret } from "./NewSecret.tsx";
import { Panel } from "./Panel.tsx";
import { Badge } from "./Status.tsx";
import { ShortTime, Time } from "./Time.tsx";

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
    <Panel id="tokens" title="API tokens" about="what programs sign in with">
      {secret !== null && (
        <div class="body">
          <NewSecret secret={secret} of="the token" what="The token was made." />
        </div>
      )}
      {tokens.length > 0 && <TokenTable tokens={tokens} view={view} path={path} />}
      <Fold title="New token" isOpen={Object.keys(problems).length > 0}>
        <form method="post" action={path} class="form">
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
      </Fold>
    </Panel>
  );
}

function TokenTable({ tokens, view, path }: Pick<TokensProps, "tokens" | "view" | "path">): JSX.Element {
  return (
    <Cards kind="acting" head={["Name", "State", "May", "Expires", "Last used", ""]}>
      <tbody role="rowgroup">
        {tokens.map((token) => <TokenRow key={token.id} token={token} view={view} path={path} />)}
      </tbody>
    </Cards>
  );
}

function TokenRow(
  { token, view, path }: { readonly token: ApiToken } & Pick<TokensProps, "view" | "path">,
): JSX.Element {
  const { id, name, prefix, scopes, labels, expiresAt, lastUsedAt, revokedAt } = token;
  return (
    <CardRow>
      <CardCell isName place="lead">
        <b>
          <bdi>{name}</bdi>
        </b>
        <small>
          <code>{prefix}…</code>
        </small>
      </CardCell>
      <CardCell place="aside">
        {revokedAt !== null
          ? <Badge text="Revoked" icon="end" tone="calm" />
          : expiresAt !== null && expiresAt <= view.now
          ? <Badge text="Expired" icon="late" tone="warn" />
          : <Badge text="Active" icon="check" tone="ok" />}
      </CardCell>
      <CardCell place="line">
        {scopes.join(", ")}
        {labels !== null && <small>only jobs labelled {labels.join(", ")}</small>}
      </CardCell>
      <CardCell label="Expires" kind="tight">
        {expiresAt === null ? "never" : <ShortTime at={expiresAt} view={view} />}
      </CardCell>
      <CardCell label="Last used" kind="tight">
        {lastUsedAt === null ? "never" : <Time at={lastUsedAt} view={view} />}
      </CardCell>
      <CardCell place="do">
        {revokedAt === null && (
          <Menu of={name}>
            <MenuAction to={`${path}/${id}/revoke`} icon="trash" label="Revoke" isBad />
          </Menu>
        )}
      </CardCell>
    </CardRow>
  );
}
