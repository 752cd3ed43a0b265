import { page } from "fresh";
import type { User } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Action } from "../../../../components/Action.tsx";
import { Field } from "../../../../components/Field.tsx";
import { Notice } from "../../../../components/Notice.tsx";
import { Panel } from "../../../../components/Panel.tsx";
import { Page } from "../../../../components/Page.tsx";
import { Sessions } from "../../../../components/Sessions.tsx";
import { Tokens } from "../../../../components/Tokens.tsx";
import { PASSWORD_HELP, RoleInputs } from "../../../../components/UserFields.tsx";
import { userIdOf } from "../../../../server/params.ts";
import { type UserData, userData } from "../../../../server/user_page.ts";
import { define } from "../../../../utils.ts";
import { UserBadge } from "../index.tsx";

/** One account, for administrators. */
export const handler = define.handlers<UserData>({
  async GET({ params, url, state }) {
    const secret = state.portal.shownOnce.take(state.actor, url.searchParams.get("shown"));
    return page(await userData(state, userIdOf(params), { secret }));
  },
});

/** One account: what it may do, its password, its tokens. */
export default define.page<typeof handler>(function UserPage({ data, state, url }) {
  const { user, sessions, tokens, secret, scopes, typed, role, external, problems } = data;
  const path = `/settings/users/${user.id}`;
  const mayEdit = state.may("users.edit", null);
  return (
    <Page
      title={user.name}
      crumbs={[["/settings/users", "Users"]]}
      verdict={
        <>
          <UserBadge user={user} />
          <span>
            {user.isService
              ? "A service account: nobody signs in, programs act by its tokens."
              : signedInWords(sessions.length)}
          </span>
        </>
      }
      actions={mayEdit && <Actions user={user} sessions={sessions.length} />}
    >
      <Notice code={url.searchParams.get("notice")} />
      {mayEdit && (
        <Panel id="role" title="Role" isPadded>
          <form method="post" action={`${path}/role`} class="form">
            <RoleInputs {...role} problems={problems} />
            <div class="form-end">
              <button type="submit" class="button primary">Save the role</button>
            </div>
          </form>
        </Panel>
      )}
      {mayEdit && !user.isService && user.id !== state.user?.id && (
        <NewPassword user={user} path={path} problem={problems.password} />
      )}
      {mayEdit && !user.isService && <Provider user={user} path={path} external={external} problems={problems} />}
      {sessions.length > 0 && (
        <Sessions
          sessions={sessions}
          own={user.id === state.user?.id ? state.session : null}
          path={mayEdit ? `${path}/sessions` : null}
          view={state.view}
        />
      )}
      {state.may("tokens.edit", null) && (
        <Tokens
          tokens={tokens}
          secret={secret}
          view={state.view}
          path={`${path}/tokens`}
          scopes={scopes}
          typed={typed}
          problems={tokenProblems(problems)}
        />
      )}
    </Page>
  );
});

/** The problems of the form of a token: those of the other forms have other names. */
function tokenProblems({ name, scopes, labels, expiresAt }: UserData["problems"]): UserData["problems"] {
  const found = Object.entries({ name, scopes, labels, expiresAt }).filter(([, message]) => message !== undefined);
  return Object.fromEntries(found);
}

function signedInWords(sessions: number): string {
  if (sessions === 0) return "Not signed in.";
  return sessions === 1 ? "Signed in with 1 browser." : `Signed in with ${sessions} browsers.`;
}

function Actions({ user, sessions }: { readonly user: User; readonly sessions: number }): JSX.Element {
  const path = `/settings/users/${user.id}`;
  return (
    <>
      {sessions > 0 && (
        <Action
          to={`${path}/sign_out`}
          icon="stop"
          label={sessions === 1 ? "End 1 session" : `End ${sessions} sessions`}
        />
      )}
      {user.isDisabled
        ? <Action to={`${path}/enable`} icon="resume" label="Enable" />
        : <Action to={`${path}/disable`} icon="pause" label="Disable" tone="danger" />}
    </>
  );
}

function Provider(
  { user, path, external, problems }:
    & { readonly user: User; readonly path: string }
    & Pick<
      UserData,
      "external" | "problems"
    >,
): JSX.Element {
  return (
    <Panel
      id="provider"
      title="Identity provider"
      about={user.externalId === null ? "none signs this account in" : `signed in by ${user.externalId.issuer}`}
      tools={user.externalId !== null && <Action to={`${path}/unlink`} icon="end" label="Unlink" />}
      isPadded
    >
      <form method="post" action={`${path}/external_id`} class="form">
        <Field
          name="issuer"
          label="Address of the provider"
          problem={problems.issuer ?? problems.externalId}
          help="As WEB_OIDC_ISSUER has it, such as https://id.example.com."
        >
          {(a) => <input {...a} type="url" required value={external.issuer} autocomplete="off" />}
        </Field>
        <Field
          name="subject"
          label="What it calls the user"
          problem={problems.subject}
          help="The subject (sub) in its tokens; a name or an address may change its owner."
        >
          {(a) => <input {...a} required value={external.subject} autocomplete="off" spellcheck={false} />}
        </Field>
        <div class="form-end">
          <button type="submit" class="button">{user.externalId === null ? "Link" : "Link anew"}</button>
        </div>
      </form>
    </Panel>
  );
}

function NewPassword(
  { user, path, problem }: { readonly user: User; readonly path: string; readonly problem: string | undefined },
): JSX.Element {
  return (
    <Panel id="password" title="Password" isPadded>
      {!user.hasPassword && <p class="quiet">None: no password signs {user.name} in.</p>}
      <form method="post" action={`${path}/password`} class="form">
        <Field
          name="password"
          label="New password"
          problem={problem}
          help={`${PASSWORD_HELP} All sessions of this account end.`}
        >
          {(a) => <input {...a} type="password" autocomplete="new-password" required />}
        </Field>
        <div class="form-end">
          <button type="submit" class="button">Set the password</button>
        </div>
      </form>
    </Panel>
  );
}
