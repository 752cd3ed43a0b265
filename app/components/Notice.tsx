import type { ComponentChildren, JSX } from "preact";
import { Note } from "./Note.tsx";

/** The sentences that a page shows after an action. The address holds only a code, so that no link can put text here. */
const NOTICES: Readonly<Record<string, string>> = {
  created: "The job was created.",
  created_paused: "The job was created, paused: it starts nothing until somebody resumes it.",
  saved: "The job was saved.",
  deleted: "The job was deleted. Its runs stay listed until they are cleaned up.",
  cancelled: "The run was cancelled before it started.",
  requested: "The script was asked to stop. It has a few seconds to end by itself.",
  busy: "An earlier run of this job is still waiting or running, so no other was started.",
  backfilled: "The backfill was written: its runs wait, and start as workers have slots.",
  paused: "The job is paused.",
  resumed: "The job is resumed: its schedule is followed from now on.",
  first_account: "The first account was made, and you are signed in with it.",
  password: "The password was changed. All other sessions have ended.",
  session_ended: "The session was ended.",
  sessions_ended: "The sessions were ended.",
  token_revoked: "The token was revoked.",
  user_created: "The account was made.",
  user_saved: "The account was changed.",
  webhook_disabled: "The webhook is disabled: its address answers like one that is not there.",
  webhook_enabled: "The webhook is enabled again, with the secret that it had.",
  webhook_saved: "The webhook was changed.",
  webhook_deleted: "The webhook was deleted.",
  alert_acknowledged: "You have taken the incident on: it reminds no more.",
  alert_snoozed: "The incident is silent for a while.",
  alert_rule_made: "The rule was made.",
  alert_rule_saved: "The rule was changed.",
  alert_rule_tested: "A test was written to each of its channels. A notifier sends it.",
  alert_rule_reaches_nobody: "No test was written: the rule has no channel that is there and enabled.",
  alert_rule_disabled: "The rule is disabled: it opens nothing.",
  alert_rule_enabled: "The rule is enabled.",
  alert_rule_deleted: "The rule was deleted. Its open incidents have ended.",
  channel_made: "The channel was made. Send a test to see whether it works.",
  channel_disabled: "The channel is disabled: it carries nothing.",
  channel_enabled: "The channel is enabled.",
  channel_deleted: "The channel was deleted.",
  channel_tested: "A test was written. A notifier sends it; the deliveries below say what became of it.",
  too_many_views: "The view was not saved: there are too many. Remove one first.",
  view_without_name: "The view was not saved: it takes a name of at most 60 characters.",
  restored: "The job has the definition of that revision again.",
  undone: "The edit was taken back.",
  changed_since: "Nothing was changed: somebody has changed the job since. Its revisions say what.",
  not_restored:
    "Nothing was changed: another job has the key of that revision by now, or that revision cannot be read.",
  draining: "The worker was asked to drain: it claims nothing more, and its scripts go on.",
  undrained: "The worker was asked to claim runs again.",
  worker_gone: "The worker had already ended, so nothing was asked of it.",
  ended: "The run had already ended, so there was nothing to cancel.",
};

/** The sentence for a code, with the number of `cancelled` runs from the address; nothing for an unknown code. */
export function Notice(
  { code, cancelled = null, children }: {
    readonly code: string | null;
    readonly cancelled?: string | null;
    /** The next step, such as a way back. */
    readonly children?: ComponentChildren;
  },
): JSX.Element | null {
  const text = code !== null && Object.hasOwn(NOTICES, code) ? NOTICES[code] : undefined;
  if (text === undefined) return null;
  const isCounted = cancelled !== null && /^[1-9]\d{0,8}$/.test(cancelled);
  const runs = cancelled === "1" ? "1 run that waited was cancelled." : `${cancelled} runs that waited were cancelled.`;
  return <Note tone={toneOf(code)} what={isCounted ? `${text} ${runs}` : text} step={children} />;
}

function toneOf(code: string | null): "ok" | "warn" | "calm" {
  if (["changed_since", "not_restored", "too_many_views", "view_without_name"].includes(code ?? "")) return "warn";
  return code === "busy" || code === "ended" || code === "worker_gone" ? "calm" : "ok";
}
