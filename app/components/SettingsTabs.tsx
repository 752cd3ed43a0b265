import type { JSX } from "preact";
import { Seg } from "./Seg.tsx";

/** Links to the pages of settings that the reader may open. */
export function SettingsTabs(
  { at, mayUsers }: { readonly at: "mine" | "users"; readonly mayUsers: boolean },
): JSX.Element {
  const links = [{ href: "/account", label: "Mine", isCurrent: at === "mine" }];
  if (mayUsers) links.push({ href: "/settings/users", label: "Access", isCurrent: at === "users" });
  return <Seg name="Settings" links={links} />;
}
