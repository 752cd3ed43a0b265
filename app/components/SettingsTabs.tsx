import type { JSX } from "preact";

/** Links to the pages of settings, for those who may see users. */
export function SettingsTabs(
  { at, mayUsers }: { readonly at: "mine" | "users"; readonly mayUsers: boolean },
): JSX.Element {
  return (
    <nav class="tabs" aria-label="Settings">
      <a href="/account" aria-current={at === "mine" ? "page" : undefined}>Mine</a>
      {mayUsers && <a href="/settings/users" aria-current={at === "users" ? "page" : undefined}>Users</a>}
    </nav>
  );
}
