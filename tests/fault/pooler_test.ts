import assert from "node:assert/strict";
import { migrations } from "@jobtrigger/shared/migrations";
import type { Store } from "../../shared/store/mod.ts";
import { openPostgres } from "../../shared/store/postgres/mod.ts";
import { addJob, log } from "../services/_runs.ts";
import { storeContract } from "../store/contract.ts";
import { type OptionsPolicy, PostgresPooler } from "../support/postgres_pooler.ts";
import { eventually, openSiteOn, Service } from "../support/process.ts";
import type { PoolerRequest } from "../support/pooler_worker.ts";
import { borrowDatabase, type BorrowedDatabase } from "../support/database_pool.ts";
import { cheapPasswords } from "../support/password_cost.ts";
import type { TestStore } from "../support/store.ts";

/** An empty database; its stores are open through a pooler. */
async function openPooled(options: OptionsPolicy): Promise<TestStore & { readonly pooler: PostgresPooler }> {
  const direct = await borrowDatabase();
  const pooler = await PostgresPooler.start(direct.url, options);
  const pooled = await openThrough(pooler.url, direct);
  return {
    ...pooled,
    pooler,
    async [Symbol.asyncDispose]() {
      await pooled[Symbol.asyncDispose]();
      await pooler[Symbol.asyncDispose]();
      await direct[Symbol.asyncDispose]();
    },
  };
}

/** The stores of a test that open a database at the URL of a pooler. */
async function openThrough(url: string, { sql }: BorrowedDatabase): Promise<TestStore> {
  const cheap = cheapPasswords();
  const stores: Store[] = [];
  const another = async () => {
    const store = await openPostgres(url, { migrations });
    stores.push(store);
    return store;
  };
  return {
    store: await another(),
    url,
    another,
    sql: (text) => sql.run(text),
    async [Symbol.asyncDispose]() {
      cheap[Symbol.dispose]();
      for (const store of stores) await store.close();
    },
  };
}

const poolers = new Worker(new URL("../support/pooler_worker.ts", import.meta.url), { type: "module" });

/** An empty database; its stores are open through a pooler that the next test finds running. */
async function openKeptPooled(options: OptionsPolicy): Promise<TestStore> {
  const direct = await borrowDatabase();
  const started = Promise.withResolvers<string>();
  poolers.onmessage = ({ data }) => started.resolve(data);
  poolers.onerror = ({ message }) => started.reject(new Error(message));
  const request: PoolerRequest = { url: direct.url, options };
  poolers.postMessage(request);
  const pooled = await openThrough(await started.promise, direct);
  return {
    ...pooled,
    async [Symbol.asyncDispose]() {
      await pooled[Symbol.asyncDispose]();
      await direct[Symbol.asyncDispose]();
    },
  };
}

// Where they are refused, they are given up before the first statement; here it is in the middle of work.
storeContract("PostgreSQL behind a pooler that ignores session settings", () => openKeptPooled("ignored"));

Deno.test("queries that meet a pooler at once all find their way", async () => {
  await using pooled = await openPooled("ignored");
  const answers = await Promise.all(Array.from({ length: 10 }, () => pooled.store.now()));
  assert.ok(answers.every((at) => at > 0));
});

const policies: readonly OptionsPolicy[] = ["refused", "ignored"];
for (const options of policies) {
  Deno.test(`behind a pooler in transaction mode, session settings ${options}, jobs run by polling`, async () => {
    const polls = { SCHEDULER_POLL_INTERVAL: "1", WORKER_POLL_INTERVAL: "0.5" };
    await using site = await openSiteOn(() => openPooled(options), polls);
    await site.script("hello.sh", 'echo "hello from $JOB_NAME"');
    await using scheduler = await Service.start("scheduler", site.env);
    await using worker = await Service.start("worker", site.env);
    await Promise.all([scheduler.line(/has started/), worker.line(/has started/)]);
    const job = await addJob(site, "every 1s", "hello.sh");
    const runs = await eventually(site.store, async () => {
      const { items } = await site.store.runs.list({ jobId: job.id, statuses: ["COMPLETED"], limit: 3 });
      return items.length === 3 && items;
    });
    for (const run of runs) assert.equal(await log(site, run), "hello from hello.sh\n");
    assert.ok(site.pooler.swallowed > 0, "nobody tried to listen");
    for (const service of [scheduler, worker]) {
      assert.deepEqual(service.lines.filter((line) => /does not answer|failed/.test(line)), []);
    }
  });
}
