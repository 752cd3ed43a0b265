import type { JSX } from "preact";

/** What a page says after something was done; the address carries the code, so that nobody's link can put words here. */
const NOTICES: Readonly<Record<string, string>> = {
  created: "The job was created.",
  saved: "The job was saved.",
  deleted: "The job was deleted. Its runs stay listed until they are cleaned up.",
  cancelled: "The run was cancelled before it started.",
  requested: "The script was asked to stop. It has a few seconds to end by itself.",
  busy: "An earlier run of this job is still waiting or running, so no other was started.",
  backfilled: "The backfill was written: its runs wait, and start as workers have slots.",
  ended: "The run had already ended, so there was nothing to cancel.",
};

/** The sentence for a code; nothing for an unknown one. */
export function Notice({ code }: { readonly code: string | null }): JSX.Element | null {
  const text = code !== null && Object.hasOwn(NOTICES, code) ? NOTICES[code] : undefined;
  return text === undefined ? null : <p class="notice ok" role="status">{text}</p>;
}
