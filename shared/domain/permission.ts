/**
 * What can be permitted. `shared/access` says which role each takes.
 *
 * @module
 */

/** The names of all permissions: what is acted on, then how. They are the scopes of tokens too, so a name never changes. */
export const PERMISSIONS = [
  "jobs.read",
  "jobs.run",
  "jobs.pause",
  "jobs.edit",
  "jobs.delete",
  "runs.read",
  "runs.cancel",
  "logs.read",
  "system.read",
  "workers.read",
  "workers.drain",
  "audit.read",
  "users.read",
  "users.edit",
  "tokens.own",
  "tokens.edit",
  "views.own",
  "settings.edit",
  "webhooks.edit",
  "alerts.acknowledge",
  "alerts.edit",
  "alerts.channels",
  "system.inspect",
] as const;

/** One of {@linkcode PERMISSIONS}. */
export type Permission = typeof PERMISSIONS[number];

/** Whether `text` is the name of a permission. */
export function isPermission(text: string): text is Permission {
  return PERMISSIONS.some((name) => name === text);
}
