import { type Command, Option } from "commander";
import { readQueueFilter, type ShownWaitingRun, waitingRunForm } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";
import { instantText, type ListFlags, printListing } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { filterArgument, listFlags } from "./list_flags.ts";

interface QueueFlags extends ListFlags {
  readonly later?: boolean;
}

/** Adds `queue`. */
export function addQueueCommand(program: Command, io: Io): void {
  const command = filterArgument(
    program.command("queue").description("list what waits, the next first, each run with the reason"),
    "job:backup* label:nightly tag:gpu reason:key",
  )
    .addOption(new Option("--later", "what waits for its time, in place of what could run now"));
  listFlags(command, 50).action((words: readonly string[], flags: QueueFlags) =>
    withSession(io, async ({ client, config }) => {
      const zone = config.displayTimezone;
      const filter = readQueueFilter(words.join(" "));
      const when = flags.later === true ? "later" : "now";
      const availableAt = ({ run: { state } }: ShownWaitingRun) =>
        state.status === "PENDING" ? state.availableAt : null;
      await printListing(io, flags, client.changes, {
        read: (page) => client.listQueue({ ...filter, when, zone, ...page }),
        columns: [
          ["PLACE", ({ position }) => String(position)],
          ["RUN", ({ run }) => String(run.id)],
          ["JOB", ({ run }) => run.jobName, { shrinks: true }],
          ["SINCE", (waiting) => instantText(io, availableAt(waiting), zone)],
          ["PRIORITY", ({ run }) => String(run.priority)],
          ["WHY", ({ reason }) => reason, { shrinks: true }],
          ["TRIGGER", ({ run }) => run.trigger, { isWide: true }],
        ],
        form: waitingRunForm,
        name: ({ run }) => String(run.id),
      });
    })
  );
}
