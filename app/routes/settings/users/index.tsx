import { page } from "fresh";
import type { User } from "@jobtrigger/shared/domain";
import type { Page as PageOf } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
import { CardCell, CardRow, Cards } from "../../../components/Cards.tsx";
import { Empty } from "../../../components/Empty.tsx";
import { Icon } from "../../../components/Icon.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Page } from "../../../components/Page.tsx";
import { Pager } from "../../../components/Pager.tsx";
import { SettingsTabs } from "../../../components/SettingsTabs.tsx";
import { Badge } from "../../../components/Status.tsx";
import { Time } from "../../../components/Time.tsx";
import { RoleText } from "../../../components/UserFields.tsx";
import { define } from "../../../utils.ts";

const PAGE_USERS = 50;

/** Lists the accounts. */
export const handler = define.handlers<PageOf<User>>({
  async GET({ url, state }) {
    const cursor = url.searchParams.get("cursor");
    return page(await state.portal.store.users.list({ limit: PAGE_USERS, ...(cursor !== null && { cursor }) }));
  },
});

/** The list of accounts. */
export default define.page<typeof handler>(function UsersPage({ data: users, state, url }) {
  const mayEdit = state.may("users.edit", null);
  return (
    <Page
      title="Settings"
      actions={mayEdit && (
        <a class="button primary" href="/settings/users/new">
          <Icon name="plus" />Add user
        </a>
      )}
    >
      <Notice code={url.searchParams.get("notice")} />
      <SettingsTabs at="users" mayUsers />
      <section class="panel" aria-labelledby="users">
        <header>
          <h2 id="users">Users</h2>
        </header>
        {users.items.length === 0 ? <Nobody /> : (
          <Cards kind="slim" head={["Name", "Role", "State", "Since"]}>
            <tbody role="rowgroup">
              {users.items.map((user) => (
                <CardRow key={user.id}>
                  <CardCell isName place="lead">
                    <a class="name" href={`/settings/users/${user.id}`}>
                      <bdi>{user.name}</bdi>
                    </a>{" "}
                    {user.id === state.user?.id && <span class="quiet">you</span>}
                    {user.isService && <small>service account</small>}
                  </CardCell>
                  <CardCell place="line">
                    <RoleText role={user.role} grants={user.grants} />
                  </CardCell>
                  <CardCell place="aside">
                    <UserBadge user={user} />
                  </CardCell>
                  <CardCell place="end" kind="tight">
                    <Time at={user.createdAt} view={state.view} />
                  </CardCell>
                </CardRow>
              ))}
            </tbody>
          </Cards>
        )}
        <Pager url={url} next={users.next} />
        <footer>
          <span>Viewer, operator, editor, admin: each may do what those before it may.</span>
        </footer>
      </section>
    </Page>
  );
});

/** Whether an account can be used. */
export function UserBadge({ user }: { readonly user: Pick<User, "isDisabled"> }): JSX.Element {
  return user.isDisabled
    ? <Badge text="Disabled" icon="pause" tone="calm" />
    : <Badge text="Active" icon="check" tone="ok" />;
}

function Nobody(): JSX.Element {
  return (
    <Empty
      icon="user"
      title="No accounts yet"
      step={<a class="button primary" href="/first-account">Make the first account</a>}
    >
      The first is an administrator's.
    </Empty>
  );
}
