import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { openStore } from "../../shared/store/mod.ts";
import { ownPostgres } from "../support/postgres.ts";
import { Service, type Task } from "../support/process.ts";

const started: readonly (readonly [service: Task, line: RegExp])[] = [
  ["scheduler", /scheduler.* has started/],
  ["worker", /worker.* has started/],
  ["serve", /The portal has started/],
];

for (const [service, line] of started) {
  Deno.test(`${service} waits for a database that starts later, logs it once, and starts`, async () => {
    await using server = await ownPostgres();
    await using database = await server.createDatabase();
    await (await openStore(database.url, { migrations })).close();
    await server.crash();
    const env = { DATABASE_URL: database.url, WEB_PORT: "0" };
    await using process = await Service.start(service, env);
    await process.line(/The database does not answer yet/);
    await server.start();
    await process.line(line);
    assert.equal(process.lines.filter((said) => /does not answer yet/.test(said)).length, 1);
  });
}
