import { page } from "fresh";
import type { User } from "@jobtrigger/shared/domain";
import type { Page as PageOf } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
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
      title="Users"
      trail="Settings"
      actions={mayEdit && (
        <a class="button primary" href="/settings/users/new">
          <Icon name="plus" />Add user
        </a>
      )}
    >
      <Notice code={url.searchParams.get("notice")} />
      <SettingsTabs at="users" mayUsers />
      {users.items.length === 0 ? <Nobody /> : (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">State</th>
              <th scope="col">Role</th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {users.items.map((user) => (
              <tr key={user.id}>
                <th scope="row" data-label="Name">
                  <span>
                    <a href={`/settings/users/${user.id}`}>
                      <bdi>{user.name}</bdi>
                    </a>
                    {user.id === state.user?.id && <span class="quiet">· you</span>}
                  </span>
                  {user.isService && <span class="quiet path">service account</span>}
                </th>
                <td data-label="State">
                  <UserBadge user={user} />
                </td>
                <td data-label="Role">
                  <span>
                    <RoleText role={user.role} grants={user.grants} />
                  </span>
                </td>
                <td data-label="Since">
                  <Time at={user.createdAt} view={state.view} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Pager url={url} next={users.next} />
      <p class="quiet">Viewer, operator, editor, admin: each may do what those before it may.</p>
    </Page>
  );
});

/** Whether an account can be used. */
export function UserBadge({ user }: { readonly user: Pick<User, "isDisabled"> }): JSX.Element {
  return user.isDisabled
    ? <Badge text="Disabled" icon="end" tone="warn" />
    : <Badge text="Active" icon="active" tone="ok" />;
}

function Nobody(): JSX.Element {
  return (
    <div class="empty">
      <p>
        <strong>No accounts yet.</strong> The first is an administrator's.
      </p>
      <div class="actions">
        <a class="button primary" href="/first-account">Make the first account</a>
      </div>
    </div>
  );
}
