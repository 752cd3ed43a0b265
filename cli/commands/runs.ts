import type { Command } from "commander";
import type { DispatchId } from "@jobtrigger/shared/domain";
import { runIdFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { type OutputFlags, print, subject } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { printRun } from "./run_facts.ts";
import { addRunList } from "./run_list.ts";
import { addRunLogs } from "./run_logs.ts";

/** Adds `runs …`. */
export function addRunsCommands(program: Command, io: Io): void {
  const runs = program.command("runs").description("look at and steer runs");
  const commandOnOne = (name: string, about: string) =>
    runs.command(name).description(about).argument("<id>", "the run's id", runIdFlag("id"));

  addRunList(runs, io);

  commandOnOne("show", "show a run")
    .action((id: DispatchId, flags: OutputFlags) =>
      withSession(io, async (session) => await printRun(io, session, await session.client.getRun(id), flags))
    );

  addRunLogs(commandOnOne("logs", "print the output of a run; with -o json a line of JSON for each chunk"), io);

  commandOnOne("cancel", "cancel a waiting run, or stop a running one")
    .action((id: DispatchId, flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        const result = await client.cancelRun(id);
        await print(io, flags, {
          form: () => ({ id, result }),
          names: [String(id)],
          text: `${subject("run", { id })} ${result === "cancelled" ? "cancelled" : "asked to stop"}`,
        });
      })
    );
}
