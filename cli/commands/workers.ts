import type { Command } from "commander";
import type { CommonFlags } from "../flags.ts";
import { workerForm } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";
import { instantText, printJson, printTable } from "../output.ts";
import { withSession } from "../session.ts";

/** Adds `workers …`. */
export function addWorkersCommands(program: Command, io: Io): void {
  const workers = program.command("workers").description("look at workers");

  workers.command("list").description("list workers")
    .action((flags: CommonFlags) =>
      withSession(io, async ({ client, config }) => {
        const list = await client.listWorkers();
        if (flags.json) return await printJson(io, list.map(workerForm));
        await printTable(io, list, [
          ["WORKER", (worker) => worker.workerId],
          ["STATUS", (worker) => worker.status],
          ["RUNS", (worker) => `${worker.currentDispatchIds.length}/${worker.concurrency}`],
          ["TAGS", (worker) => worker.tags.length === 0 ? "-" : worker.tags.join(",")],
          ["DONE", (worker) => String(worker.jobsProcessed)],
          ["HEARTBEAT", (worker) => instantText(io, worker.lastHeartbeat, config.displayTimezone)],
          ["STARTED", (worker) => instantText(io, worker.startedAt, config.displayTimezone)],
          ["PLATFORM", (worker) => worker.platform],
          ["VERSION", (worker) => worker.version],
        ]);
      })
    );
}
