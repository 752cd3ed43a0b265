/**
 * Entry point of `deno task migrate`: checks the whole configuration and brings the database up to date, making it if it
 * does not exist. Every service brings it up to date when it starts, but none of them makes one.
 *
 * @module
 */
import { wholeConfig } from "@jobtrigger/shared/config";
import { exitCodeOf, Invalid } from "@jobtrigger/shared/domain";
import { startLog } from "@jobtrigger/shared/log";
import { narrowWriting, openStore, revokeNetwork } from "@jobtrigger/shared/store";
import { migrations } from "@jobtrigger/shared/migrations";

try {
  const config = wholeConfig((name) => Deno.env.get(name));
  revokeNetwork([config.databaseUrl]);
  narrowWriting([config.databaseUrl]);
  const log = await startLog("migrate", config);
  const store = await openStore(config.databaseUrl, {
    migrations,
    onMade: (path) => log.info("Made a new database at {path}", { path }),
  });
  await store.close();
} catch (error) {
  const lines = error instanceof Invalid
    ? error.problems.map(({ field, message }) => `  ${field}: ${message}`)
    : [`  ${error instanceof Error ? error.message : String(error)}`];
  console.error(["The database cannot be brought up to date:", ...lines].join("\n"));
  Deno.exit(exitCodeOf(error));
}
