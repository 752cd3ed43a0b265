import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import { openSqlite } from "../../shared/store/sqlite/mod.ts";
import { openTestStore } from "../support/store.ts";
import { given } from "./_given.ts";

async function modesOf(path: string): Promise<readonly string[]> {
  const files = [path, `${path}-wal`, `${path}-shm`];
  return await Promise.all(files.map(async (file) => ((await Deno.stat(file)).mode ?? 0).toString(8).slice(-3)));
}

Deno.test("a database and its companions are its owner's alone, whatever the umask", async () => {
  const before = Deno.umask(0);
  try {
    await using test = await openTestStore();
    await given(test.store);
    assert.deepEqual(await modesOf(test.path), ["600", "600", "600"]);
  } finally {
    Deno.umask(before);
  }
});

const cases: readonly [found: number, kept: string][] = [
  [0o644, "600"],
  [0o640, "600"],
  [0o664, "660"],
  [0o666, "660"],
  [0o600, "600"],
];
for (const [found, kept] of cases) {
  Deno.test(`a database found with mode ${found.toString(8)} gets mode ${kept}, its companions too`, async () => {
    await using test = await openTestStore();
    await given(test.store);
    for (const suffix of ["", "-wal", "-shm"]) await Deno.chmod(`${test.path}${suffix}`, found);
    const store = await openSqlite(test.path, { migrations });
    assert.deepEqual(await modesOf(test.path), [kept, kept, kept]);
    await store.close();
  });
}
