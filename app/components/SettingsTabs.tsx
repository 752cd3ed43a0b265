import type { Permission } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { Seg } from "./Seg.tsx";

const TABS = [
  { at: "mine", href: "/account", label: "Mine", takes: null },
  { at: "users", href: "/settings/users", label: "Access", takes: "users.read" },
  { at: "alerts", href: "/settings/alerts", label: "Alerts", takes: "alerts.channels" },
  { at: "system", href: "/settings/system", label: "System", takes: "settings.edit" },
] as const;

/** Links to the pages of settings that the reader may open. */
export function SettingsTabs({ at, may }: {
  readonly at: typeof TABS[number]["at"];
  readonly may: (permission: Permission, labels: null) => boolean;
}): JSX.Element {
  const links = TABS.filter(({ takes }) => takes === null || may(takes, null))
    .map(({ at: one, href, label }) => ({ href, label, isCurrent: one === at }));
  return <Seg name="Settings" links={links} />;
}
