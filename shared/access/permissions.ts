import type { Permission, Role } from "../domain/mod.ts";

/**
 * What a permission is asked about: `job` — one job, so that a role by label counts; `system` — the whole installation, so that
 * only a role on everything counts; `own` — what belongs to the asker, or shows no jobs, so any role will do.
 */
export type Reach = "job" | "system" | "own";

/** What a permission takes. */
export interface PermissionRule {
  /** The lowest role that has it. */
  readonly role: Role;
  /** What it is asked about. */
  readonly reach: Reach;
  /** What it allows, after "may": `run jobs`. */
  readonly sentence: string;
}

/** The one table of rights: what each permission takes, from the least to the most. */
export const PERMISSION_RULES: Readonly<Record<Permission, PermissionRule>> = {
  "jobs.read": { role: "viewer", reach: "job", sentence: "see jobs, their schedules and their history" },
  "runs.read": { role: "viewer", reach: "job", sentence: "see runs" },
  "logs.read": { role: "viewer", reach: "job", sentence: "read the output of runs" },
  "system.read": { role: "viewer", reach: "own", sentence: "see whether the services and the database are well" },
  "workers.read": { role: "viewer", reach: "own", sentence: "see workers" },
  "tokens.own": { role: "viewer", reach: "own", sentence: "make and revoke API tokens of one's own" },
  "views.own": { role: "viewer", reach: "own", sentence: "keep filters of the list of jobs of one's own" },
  "jobs.run": { role: "operator", reach: "job", sentence: "run jobs" },
  "jobs.pause": { role: "operator", reach: "job", sentence: "pause and resume jobs" },
  "runs.cancel": { role: "operator", reach: "job", sentence: "cancel runs" },
  "alerts.acknowledge": { role: "operator", reach: "job", sentence: "take incidents on and silence them" },
  "system.inspect": {
    role: "operator",
    reach: "system",
    sentence: "examine the whole installation and read its metrics",
  },
  "workers.drain": { role: "operator", reach: "system", sentence: "drain workers" },
  "jobs.edit": { role: "editor", reach: "job", sentence: "create and edit jobs" },
  "jobs.delete": { role: "editor", reach: "job", sentence: "delete jobs" },
  "webhooks.edit": { role: "editor", reach: "job", sentence: "make, rotate and disable a job's webhook" },
  "alerts.edit": { role: "editor", reach: "job", sentence: "make and change alert rules" },
  "alerts.channels": { role: "admin", reach: "system", sentence: "make, test and delete alert channels" },
  "audit.read": { role: "admin", reach: "system", sentence: "read the audit list" },
  "users.read": { role: "admin", reach: "system", sentence: "see users, their sessions and their tokens" },
  "users.edit": { role: "admin", reach: "system", sentence: "create, change and disable users" },
  "tokens.edit": { role: "admin", reach: "system", sentence: "make and revoke API tokens of others" },
  "settings.edit": { role: "admin", reach: "system", sentence: "change settings" },
};
