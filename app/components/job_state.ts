import type { JobCondition } from "@jobtrigger/shared/policy";
import type { Word } from "../format/words.ts";

/** The worst states of a job, as its badge. */
export const JOB_STATE_WORDS: Readonly<Record<JobCondition, Word>> = {
  damaged: { text: "Damaged", icon: "warn", tone: "alarm" },
  failing: { text: "Failing", icon: "cross", tone: "alarm" },
  late: { text: "Late", icon: "late", tone: "warn" },
  stuck: { text: "Waiting", icon: "clock", tone: "warn" },
  misplaced: { text: "Next run too late", icon: "clock", tone: "warn" },
  running: { text: "Running", icon: "running", tone: "busy" },
  retrying: { text: "Retrying", icon: "clock", tone: "warn" },
  waiting: { text: "Waiting", icon: "clock", tone: "calm" },
  paused: { text: "Paused", icon: "pause", tone: "calm" },
  manual: { text: "By hand", icon: "hand", tone: "calm" },
  done: { text: "No more runs", icon: "end", tone: "calm" },
  fine: { text: "OK", icon: "check", tone: "ok" },
};
