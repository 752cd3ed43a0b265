import assert from "node:assert/strict";
import { runTask, type Task } from "../support/process.ts";

const may: Readonly<Record<Task, readonly string[]>> = {
  scheduler: [],
  worker: ["run"],
  // It listens before it gives the network up.
  serve: [],
  jobctl: [],
  migrate: [],
};

const tasks: readonly Task[] = ["scheduler", "worker", "serve", "jobctl", "migrate"];
for (const task of tasks) {
  const can = may[task].length === 0 ? "nothing beyond its database" : may[task].join();
  Deno.test(`with its own flags and SQLite, ${task} may do ${can}`, async () => {
    const { code, stdout, stderr } = await runTask(task, { entry: "tests/services/probe.ts" });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), may[task]);
  });
}
