import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";

/** An entry of the menu of a row: the letter of its right, its address, with `{id}` for the job's, and whether it posts at once. */
interface Entry {
  readonly right: string;
  readonly path: string;
  readonly icon: string;
  readonly label: string;
  readonly isPost?: boolean;
}

const ENTRIES: readonly Entry[] = [
  { right: "r", path: "/jobs/{id}/run", icon: "play", label: "Run with arguments…" },
  { right: "p", path: "/jobs/{id}/pause", icon: "pause", label: "Pause…" },
  { right: "e", path: "/jobs/{id}/resume", icon: "resume", label: "Resume", isPost: true },
  { right: "d", path: "/jobs/{id}/edit", icon: "edit", label: "Edit" },
  { right: "d", path: "/jobs/new?from={id}", icon: "copy", label: "Clone…" },
  { right: "r", path: "/jobs/{id}/backfill", icon: "again", label: "Backfill a range…" },
  { right: "w", path: "/jobs/{id}/webhooks", icon: "key", label: "Webhooks…" },
  { right: "x", path: "/jobs/{id}/delete", icon: "trash", label: "Delete…" },
];

/** The one menu of all rows: `islands/JobRows.tsx` fills in the job and shows it. Without script, a row's ⋯ opens its job's page. */
export function JobMenu({ back }: { readonly back: string }): JSX.Element {
  return (
    <div id="job-menu" class="row-menu menu" popover="auto" aria-label="Actions">
      <ul>
        {ENTRIES.map(({ right, path, icon, label, isPost = false }) => {
          const look = { class: right === "x" ? "bad" : undefined, "data-path": path };
          return (
            <li key={path} class={right === "x" ? "apart" : undefined} data-right={right}>
              {isPost
                ? (
                  <form method="post" data-path={path}>
                    <input type="hidden" name="back" value={back} />
                    <button type="submit">
                      <Icon name={icon} />
                      {label}
                    </button>
                  </form>
                )
                : (
                  <a href="/jobs" {...look}>
                    <Icon name={icon} />
                    {label}
                  </a>
                )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
