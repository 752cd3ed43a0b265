/**
 * What each route takes, by its pattern and method: the one table. A route or a method that does not stand here is refused,
 * whoever asks. About which jobs somebody has a permission, the operations ask.
 *
 * @module
 */
import type { Permission } from "@jobtrigger/shared/domain";

/** `public`: nothing. `signed in`: any account; the route shows and changes what belongs to the asker, and shows no jobs. */
export type RoutePermission = Permission | "public" | "signed in";

/** By pattern; HEAD is as GET. */
export const ROUTE_PERMISSIONS: Readonly<Record<string, Readonly<Partial<Record<"GET" | "POST", RoutePermission>>>>> = {
  "/healthz": { GET: "public" },
  "/livez": { GET: "public" },
  "/readyz": { GET: "public" },
  "/sign-in": { GET: "public", POST: "public" },
  "/sign-in/oidc": { GET: "public" },
  "/sign-in/oidc/callback": { GET: "public" },

  // A scrape proves itself by a token of its own, or by a session.
  "/metrics": { GET: "public" },

  // A delivery proves itself by the webhook's own secret.
  "/hooks/:id": { POST: "public" },

  "/": { GET: "signed in" },
  "/help": { GET: "signed in" },
  "/help/api": { GET: "signed in" },
  "/help/docs/:page": { GET: "signed in" },
  "/preferences": { POST: "signed in" },
  "/search": { GET: "jobs.read" },
  "/api/search": { GET: "jobs.read" },
  "/api/matching": { GET: "jobs.read" },
  "/sign-out": { POST: "signed in" },
  "/account": { GET: "signed in" },
  "/account/password": { POST: "signed in" },
  "/account/sessions/:id/revoke": { POST: "signed in" },
  "/account/sessions/revoke_others": { POST: "signed in" },
  "/account/tokens": { POST: "tokens.own" },
  "/account/tokens/:id/revoke": { POST: "tokens.own" },

  "/audit": { GET: "audit.read" },
  "/audit/verify": { POST: "audit.read" },

  "/alerts": { GET: "system.read" },
  "/alerts/:id/acknowledge": { POST: "alerts.acknowledge" },
  "/alerts/:id/snooze": { POST: "alerts.acknowledge" },
  "/alerts/rules": { GET: "alerts.edit", POST: "alerts.edit" },
  "/alerts/rules/:rule/edit": { GET: "alerts.edit", POST: "alerts.edit" },
  "/alerts/rules/:rule/test": { POST: "alerts.edit" },
  "/alerts/rules/:rule/disable": { POST: "alerts.edit" },
  "/alerts/rules/:rule/enable": { POST: "alerts.edit" },
  "/alerts/rules/:rule/delete": { POST: "alerts.edit" },
  "/settings/alerts": { GET: "alerts.channels", POST: "alerts.channels" },
  "/settings/alerts/:channel/test": { POST: "alerts.channels" },
  "/settings/alerts/:channel/disable": { POST: "alerts.channels" },
  "/settings/alerts/:channel/enable": { POST: "alerts.channels" },
  "/settings/alerts/:channel/delete": { POST: "alerts.channels" },

  "/first-account": { GET: "users.edit", POST: "users.edit" },
  "/settings/system": { GET: "settings.edit" },
  "/settings/users": { GET: "users.read" },
  "/settings/users/new": { GET: "users.edit", POST: "users.edit" },
  "/settings/users/:id": { GET: "users.read" },
  "/settings/users/:id/role": { POST: "users.edit" },
  "/settings/users/:id/password": { POST: "users.edit" },
  "/settings/users/:id/external_id": { POST: "users.edit" },
  "/settings/users/:id/unlink": { POST: "users.edit" },
  "/settings/users/:id/disable": { POST: "users.edit" },
  "/settings/users/:id/enable": { POST: "users.edit" },
  "/settings/users/:id/sign_out": { POST: "users.edit" },
  "/settings/users/:id/sessions/:session/revoke": { POST: "users.edit" },
  "/settings/users/:id/tokens": { POST: "tokens.edit" },
  "/settings/users/:id/tokens/:token/revoke": { POST: "tokens.edit" },

  "/jobs": { GET: "jobs.read" },
  "/jobs/new": { GET: "jobs.edit", POST: "jobs.edit" },
  "/jobs/sample": { POST: "jobs.edit" },
  "/jobs/views": { POST: "views.own" },
  "/jobs/views/:view/delete": { POST: "views.own" },
  // Which permission a change of many jobs takes, its kind says: each job asks.
  "/jobs/bulk": { GET: "jobs.run", POST: "jobs.run" },
  "/jobs/bulk/:bulk": { GET: "jobs.read" },
  "/jobs/bulk/:bulk/continue": { POST: "jobs.read" },
  "/jobs/:id": { GET: "jobs.read" },
  "/jobs/:id/edit": { GET: "jobs.edit", POST: "jobs.edit" },
  "/jobs/:id/delete": { GET: "jobs.delete", POST: "jobs.delete" },
  "/jobs/:id/backfill": { GET: "jobs.run", POST: "jobs.run" },
  "/jobs/:id/run": { GET: "jobs.run", POST: "jobs.run" },
  "/jobs/:id/pause": { GET: "jobs.pause", POST: "jobs.pause" },
  "/jobs/:id/revisions": { GET: "jobs.read" },
  "/jobs/:id/rollback": { POST: "jobs.edit" },
  "/jobs/:id/resume": { POST: "jobs.pause" },
  "/jobs/:id/webhooks": { GET: "webhooks.edit", POST: "webhooks.edit" },
  "/jobs/:id/webhooks/:webhook": { GET: "webhooks.edit", POST: "webhooks.edit" },
  "/jobs/:id/webhooks/:webhook/rotate": { POST: "webhooks.edit" },
  "/jobs/:id/webhooks/:webhook/disable": { POST: "webhooks.edit" },
  "/jobs/:id/webhooks/:webhook/enable": { POST: "webhooks.edit" },
  "/jobs/:id/webhooks/:webhook/delete": { POST: "webhooks.edit" },
  "/runs": { GET: "runs.read" },
  "/runs/:id": { GET: "runs.read" },
  "/runs/:id/log": { GET: "logs.read" },
  "/runs/:id/cancel": { POST: "runs.cancel" },
  "/queue": { GET: "runs.read" },
  "/workers": { GET: "workers.read" },
  "/timeline": { GET: "jobs.read" },
  "/timeline/month": { GET: "jobs.read" },
  "/statistics": { GET: "runs.read" },
  "/workers/:id/drain": { POST: "workers.drain" },
  "/workers/:id/resume": { POST: "workers.drain" },

  "/api/events": { GET: "system.read" },
  "/api/runs/:id/events": { GET: "logs.read" },
  "/api/schedule/preview": { GET: "jobs.edit" },
};

/** The route of the API: each of its operations names its own permission (`server/api/operations.ts`). */
export const API_ROUTE = "/api/v1/:path*";

/** What a request takes; `none`: the route is not in the table, `no method`: it is, with other methods. */
export function permissionOf(pattern: string, method: string): RoutePermission | "none" | "no method" {
  if (pattern === API_ROUTE) return "public";
  const methods = Object.hasOwn(ROUTE_PERMISSIONS, pattern) ? ROUTE_PERMISSIONS[pattern] : undefined;
  if (methods === undefined) return "none";
  const name = method === "HEAD" ? "GET" : method;
  return (name === "GET" || name === "POST" ? methods[name] : undefined) ?? "no method";
}
