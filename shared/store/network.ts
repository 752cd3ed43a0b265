import { isPostgresUrl } from "./url.ts";

/**
 * Gives up this process's permission to use the network, for good, unless one of `urls` is a database that needs it. Where a
 * database is, only its URL tells, so the tasks of `deno.json` cannot say it.
 */
export function giveUpNetwork(urls: readonly (string | undefined)[]): void {
  if (urls.some((url) => url !== undefined && isPostgresUrl(url))) return;
  Deno.permissions.revokeSync({ name: "net" });
}
