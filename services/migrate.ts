/**
 * Entry point of `deno task migrate`: checks the whole configuration and brings the database up to date, making it if it
 * does not exist. Every service does the same when it starts.
 *
 * @module
 */
import { wholeConfig } from "@jobtrigger/shared/config";
import { exitCodeOf, Invalid } from "@jobtrigger/shared/domain";
import { giveUpNetwork, narrowWriting, openStore } from "@jobtrigger/shared/store";
import { migrations } from "migrations";

try {
  const { databaseUrl } = wholeConfig((name) => Deno.env.get(name));
  giveUpNetwork([databaseUrl]);
  narrowWriting([databaseUrl]);
  const store = await openStore(databaseUrl, { migrations });
  await store.close();
} catch (error) {
  const lines = error instanceof Invalid
    ? error.problems.map(({ field, message }) => `  ${field}: ${message}`)
    : [`  ${error instanceof Error ? error.message : String(error)}`];
  console.error(["The database cannot be brought up to date:", ...lines].join("\n"));
  Deno.exit(exitCodeOf(error));
}
