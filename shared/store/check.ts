import { parseDatabaseUrl } from "../config/database_url.ts";
import type { Finding } from "./finding.ts";
import type { Migrations } from "./migration.ts";

/**
 * Looks whether the database `url` names is whole, without changing it. Reads all of a SQLite file.
 *
 * @throws {Invalid} when there is no database of this program. @throws {StoreUnavailable} when it does not answer.
 */
export async function checkDatabase(
  url: string,
  { migrations }: { readonly migrations: Migrations },
): Promise<readonly Finding[]> {
  const target = parseDatabaseUrl(url);
  if (target.kind === "sqlite") {
    const { checkSqlite } = await import("./sqlite/check.ts");
    return checkSqlite(target.path, migrations.sqlite);
  }
  const { checkPostgres } = await import("./postgres/check.ts");
  return await checkPostgres(target.url, migrations.postgres);
}
