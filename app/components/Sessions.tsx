import type { Session } from "@jobtrigger/shared/domain";
import { endOfSession, markUnseen, type SessionMethod } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import type { View } from "../format/view.ts";
import { Action } from "./Action.tsx";
import { Field } from "./Field.tsx";
import { Badge } from "./Status.tsx";
import { Time } from "./Time.tsx";
import { PASSWORD_HELP } from "./UserFields.tsx";

const METHODS: Readonly<Record<SessionMethod, string>> = {
  password: "by password",
  local: "with the first account",
  proxy: "by a proxy",
  oidc: "by an identity provider",
};

/** A user's sessions; `own` is the reader's. */
export function Sessions(
  { sessions, own, view }: { readonly sessions: readonly Session[]; readonly own: Session | null; readonly view: View },
): JSX.Element {
  return (
    <section aria-labelledby="sessions" class="stack">
      <div class="section-head">
        <h2 id="sessions">Sessions</h2>
        {own !== null && sessions.length > 1 && (
          <Action to="/account/sessions/revoke_others" icon="stop" label="End all others" />
        )}
      </div>
      {sessions.length === 0 ? <p class="quiet">None: a proxy says who you are.</p> : (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Browser</th>
              <th scope="col">Address</th>
              <th scope="col">Last seen</th>
              <th scope="col">Began</th>
              <th scope="col">Ends</th>
              <th scope="col">
                <span class="sr">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => (
              <tr key={session.id}>
                <th scope="row" data-label="Browser">
                  {session.userAgent === "" ? "unnamed" : markUnseen(session.userAgent)}
                  {session.id === own?.id && (
                    <span class="path">
                      <Badge text="This one" icon="active" tone="ok" />
                    </span>
                  )}
                </th>
                <td data-label="Address">{session.address}</td>
                <td data-label="Last seen">
                  <Time at={session.lastSeenAt} view={view} />
                </td>
                <td data-label="Began">
                  <span>
                    <Time at={session.createdAt} view={view} /> <span class="quiet">{METHODS[session.method]}</span>
                  </span>
                </td>
                <td data-label="Ends">
                  <Time at={endOfSession(session)} view={view} />
                </td>
                <td class="row-actions">
                  <Action
                    to={`/account/sessions/${session.id}/revoke`}
                    icon="stop"
                    label="End"
                    of={`session ${session.id}`}
                    tone="danger"
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** The form for changing one's own password. */
export function PasswordForm(
  { name, problems }: { readonly name: string; readonly problems: Readonly<Record<string, string | undefined>> },
): JSX.Element {
  return (
    <section aria-labelledby="password" class="stack">
      <h2 id="password">Password</h2>
      <form method="post" action="/account/password" class="narrow-form">
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
    </section>
  );
}
