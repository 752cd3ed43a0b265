import { page } from "fresh";
import { Action } from "../../components/Action.tsx";
import { Notice } from "../../components/Notice.tsx";
import { Page } from "../../components/Page.tsx";
import { OWN_SESSIONS, PasswordForm, Sessions } from "../../components/Sessions.tsx";
import { SettingsTabs } from "../../components/SettingsTabs.tsx";
import { Tokens } from "../../components/Tokens.tsx";
import { RoleText } from "../../components/UserFields.tsx";
import { type AccountData, accountData } from "../../server/account_page.ts";
import { seeOther } from "../../server/redirect.ts";
import { define } from "../../utils.ts";

/** What somebody may know and change about their own account. */
export const handler = define.handlers<AccountData>({
  async GET({ url, state }) {
    if (state.user === null) return seeOther("/first-account");
    const secret = state.portal.shownOnce.take(state.actor, url.searchParams.get("shown"));
    return page(await accountData(state, { secret }));
  },
});

/** One's own account: role, password, sessions, tokens. */
export default define.page<typeof handler>(function AccountPage({ data, state, url }) {
  const { user, sessions, tokens, secret, scopes, typed, problems, passwordProblems } = data;
  const { view, session, may } = state;
  return (
    <Page
      title="Settings"
      verdict={
        <span>
          Signed in as{" "}
          <b>
            <bdi>{user.name}</bdi>
          </b>
          . Role: <RoleText role={user.role} grants={user.grants} />
        </span>
      }
      actions={session !== null && <Action to="/sign-out" icon="end" label="Sign out" />}
    >
      <Notice code={url.searchParams.get("notice")} />
      <SettingsTabs at="mine" may={may} />
      <Sessions sessions={sessions} own={session} path={OWN_SESSIONS} view={view} />
      {may("tokens.own", null) && (
        <Tokens
          tokens={tokens}
          secret={secret}
          view={view}
          path="/account/tokens"
          scopes={scopes}
          typed={typed}
          problems={problems}
        />
      )}
      {user.hasPassword && session !== null && <PasswordForm name={user.name} problems={passwordProblems} />}
    </Page>
  );
});
