import { page } from "fresh";
import { type EpochMs, epochMs, type User } from "@jobtrigger/shared/domain";
import type { Page as PageOf } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
import { CardCell, CardRow, Cards } from "../../../components/Cards.tsx";
import { Empty } from "../../../components/Empty.tsx";
import { Icon } from "../../../components/Icon.tsx";
import { NameLink } from "../../../components/NameLink.tsx";
import { Notice } from "../../../components/Notice.tsx";
import { Page } from "../../../components/Page.tsx";
import { Pager } from "../../../components/Pager.tsx";
import { SettingsTabs } from "../../../components/SettingsTabs.tsx";
import { Badge } from "../../../components/Status.tsx";
import { Time } from "../../../components/Time.tsx";
import { RoleText } from "../../../components/UserFields.tsx";
import { define } from "../../../utils.ts";

const PAGE_USERS = 50;

/** An account and its open sessions. */
interface Seen extends User {
  readonly sessions: number;
  /** When one of them was last in use; null: there is none. */
  readonly lastSeenAt: EpochMs | null;
}

/** Lists the accounts. */
export const handler = define.handlers<PageOf<Seen>>({
  async GET({ url, state: { portal: { store }, view } }) {
    const cursor = url.searchParams.get("cursor");
    const { items, next } = await store.users.list({ limit: PAGE_USERS, ...(cursor !== null && { cursor }) });
    const seen = await Promise.all(items.map(async (user): Promise<Seen> => {
      const sessions = await store.sessions.list(user.id, view.now);
      const times = sessions.map(({ lastSeenAt }) => lastSeenAt);
      return {
        ...user,
        sessions: sessions.length,
        lastSeenAt: times.length === 0 ? null : epochMs(Math.max(...times)),
      };
    }));
    return page({ items: seen, next });
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
      <SettingsTabs at="users" may={state.may} />
      <section class="panel" aria-labelledby="users">
        <header>
          <h2 id="users">Users</h2>
        </header>
        {users.items.length === 0
          ? <Nobody />
          : (
            <Cards kind="slim" head={["Name", "Role", "State", "Sessions", "Last seen"]}>
              <tbody role="rowgroup">
                {users.items.map((user) => (
                  <CardRow key={user.id}>
                    <CardCell isName place="lead">
                      <NameLink href={`/settings/users/${user.id}`} name={user.name} />{" "}
                      {user.id === state.user?.id && <span class="quiet">you</span>}
                      {user.isService && <small>service account</small>}
                    </CardCell>
                    <CardCell place="line">
                      <RoleText role={user.role} grants={user.grants} />
                    </CardCell>
                    <CardCell place="aside">
                      <UserBadge user={user} />
                    </CardCell>
                    <CardCell place="wide">
                      {user.sessions === 0 ? <span class="quiet">–</span> : user.sessions}
                    </CardCell>
                    <CardCell place="end" kind="tight">
                      {user.lastSeenAt === null
                        ? <span class="quiet">{user.isService ? "–" : "not signed in"}</span>
                        : <Time at={user.lastSeenAt} view={state.view} />}
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
