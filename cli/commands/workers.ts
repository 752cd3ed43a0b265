import type { Command } from "commander";
import { workerForm } from "@jobtrigger/shared/api";
import { workerId } from "@jobtrigger/shared/domain";
import type { Io } from "../io.ts";
import { instantText, type ListFlags, PAGE_MAX, printListing, statusTone } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { watchOption } from "./list_flags.ts";

const DRAINS = [
  ["drain", "ask a worker to claim nothing more; its scripts go on, and it obeys within 10 s"],
  ["resume", "take the request to drain back"],
] as const;

/** Adds `workers …`. */
export function addWorkersCommands(program: Command, io: Io): void {
  const workers = program.command("workers").description("look at workers, drain and resume them");

  for (const [verb, about] of DRAINS) {
    workers.command(verb).argument("<worker>", "the worker's id, as `workers list` shows it").description(about)
      .action((id: string) =>
        withSession(io, async ({ client }) => {
          await (verb === "drain" ? client.drainWorker(workerId(id)) : client.resumeWorker(workerId(id)));
          await io.out(
            verb === "drain" ? `Worker ${id} was asked to drain\n` : `Worker ${id} was asked to claim runs again\n`,
          );
        })
      );
  }

  workers.command("list").description("list workers")
    .addOption(watchOption())
    .action((flags: Omit<ListFlags, "limit">) =>
      withSession(io, async ({ client, config }) => {
        const zone = config.displayTimezone;
        await printListing(io, { ...flags, limit: PAGE_MAX }, client.changes, {
          read: async () => ({ items: await client.listWorkers(), next: null }),
          columns: [
            ["WORKER", (worker) => worker.workerId, { shrinks: true }],
            ["STATUS", (worker) => worker.status, { tone: ({ status }) => statusTone(status) }],
            ["RUNS", (worker) => `${worker.currentDispatchIds.length}/${worker.concurrency}`],
            ["TAGS", (worker) => worker.tags.join(",") || "-", { shrinks: true }],
            ["DONE", (worker) => String(worker.jobsProcessed)],
            ["HEARTBEAT", (worker) => instantText(io, worker.lastHeartbeat, zone)],
            ["STARTED", (worker) => instantText(io, worker.startedAt, zone)],
            ["PLATFORM", (worker) => worker.platform, { shrinks: true }],
            ["VERSION", (worker) => worker.version],
            ["HOST", (worker) => worker.hostname, { isWide: true }],
            ["PROCESS", (worker) => String(worker.processId), { isWide: true }],
            ["CURRENT RUNS", (worker) => worker.currentDispatchIds.join(",") || "-", { isWide: true }],
          ],
          form: workerForm,
          name: (worker) => worker.workerId,
        });
      })
    );
}
