import type { Session } from "@jobtrigger/shared/domain";
import { endOfSession, markUnseen, type SessionMethod } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { Action } from "./Action.tsx";
import { CardCell, CardRow, Cards } from "./Cards.tsx";
import { Field } from "./Field.tsx";
import { Panel } from "./Panel.tsx";
import { Badge } from "./Status.tsx";
import { ShortTime, Time } from "./Time.tsx";
import { PASSWORD_HELP } from "./UserFields.tsx";

const METHODS: Readonly<Record<SessionMethod, string>> = {
  password: "by password",
  local: "with the first account",
  proxy: "by a proxy",
  oidc: "by an identity provider",
};

/** Where somebody ends their own sessions. */
export const OWN_SESSIONS = "/account/sessions";

/** A user's sessions; `own` is the reader's. `path`: where they are ended; null: the reader may not. */
export function Sessions({ sessions, own, path, view }: {
  readonly sessions: readonly Session[];
  readonly own: Session | null;
  readonly path: string | null;
  readonly view: View;
}): JSX.Element {
  return (
    <Panel
      id="sessions"
      title="Sessions"
      about="browsers that are signed in"
      tools={own !== null && sessions.length > 1 && (
        <Action to="/account/sessions/revoke_others" icon="stop" label="End all others" />
      )}
    >
      {sessions.length === 0
        ? (
          <p class="body quiet">
            {own === null && path !== OWN_SESSIONS ? "None." : "None: a proxy says who you are."}
          </p>
        )
        : (
          <Cards kind="acting" head={["Browser", "Address", "Last seen", "Began", "Ends", ""]}>
            <tbody role="rowgroup">
              {sessions.map((session) => (
                <CardRow key={session.id}>
                  <CardCell isName place="lead">
                    {session.userAgent === "" ? "unnamed" : markUnseen(session.userAgent)}{" "}
                    {session.id === own?.id && <Badge text="This one" icon="check" tone="ok" />}
                  </CardCell>
                  <CardCell label="Address">{session.address}</CardCell>
                  <CardCell label="Last seen" kind="tight">
                    <Time at={session.lastSeenAt} view={view} />
                  </CardCell>
                  <CardCell label="Began">
                    <Time at={session.createdAt} view={view} /> <span class="quiet">{METHODS[session.method]}</span>
                  </CardCell>
                  <CardCell label="Ends" kind="tight">
                    <ShortTime at={endOfSession(session)} view={view} />
                  </CardCell>
                  <CardCell place="do">
                    {path !== null && (
                      <Action
                        to={`${path}/${session.id}/revoke`}
                        icon="stop"
                        label="End"
                        of={`session ${session.id}`}
                      />
                    )}
                  </CardCell>
                </CardRow>
              ))}
            </tbody>
          </Cards>
        )}
    </Panel>
  );
}

/** The form for changing one's own password. */
export function PasswordForm(
  { name, problems }: { readonly name: string; readonly problems: Readonly<Record<string, string | undefined>> },
): JSX.Element {
  return (
    <Panel id="password" title="Password" isPadded>
      <form method="post" action="/account/password" class="form">
        <input type="text" name="username" value={name} autocomplete="username" readOnly hidden />
        <Field name="old_password" label="Password until now" problem={problems.old_password}>
          {(a) => <input {...a} type="password" autocomplete="current-password" required />}
        </Field>
        <Field
          name="password"
          label="New password"
          problem={problems.password}
          help={`${PASSWORD_HELP} All other sessions end.`}
        >
          {(a) => <input {...a} type="password" autocomplete="new-password" required />}
        </Field>
        <div class="form-end">
          <button type="submit" class="button primary">Change the password</button>
        </div>
      </form>
    </Panel>
  );
}
