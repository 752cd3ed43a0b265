import assert from "node:assert/strict";
import { DEFAULT_POLICIES } from "../../shared/domain/mod.ts";
import { openPostgresTestStore } from "../support/store.ts";
import { A, at, claim, enter, given, manual } from "./_given.ts";

Deno.test("PostgreSQL: a claim whose second statement fails answers the runs of its first", async () => {
  await using test = await openPostgresTestStore();
  const { store } = test;
  await enter(store, A);
  const plain = await given(store, { policies: { ...DEFAULT_POLICIES, overlap: "allow" } });
  const keyed = await given(store, { policies: { ...DEFAULT_POLICIES, concurrency: { key: "k", limit: 1 } } });
  const wait = async (second: number) => (await store.runs.runNow(manual(plain, { now: at(second) }))).id;
  await wait(0);
  // A full claim: the next goes on behind it, in a statement of its own.
  assert.equal((await claim(store, A, at(10), 1)).length, 1);
  const next = await wait(1);
  await store.runs.runNow(manual(keyed, { now: at(2) }));
  await test.sql(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no key today'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON job_dispatch FOR EACH ROW WHEN (NEW.place_key = 'k') EXECUTE FUNCTION refuse()`);
  const claims = await claim(store, A, at(10), 5);
  assert.deepEqual(claims.map(({ dispatchId }) => dispatchId), [next]);
  await assert.rejects(claim(store, A, at(10), 5), /no key today/);
});
