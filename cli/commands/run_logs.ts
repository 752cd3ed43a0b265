import type { Command } from "commander";
import { type DispatchId, Invalid, LOG_STREAMS, type LogStream } from "@jobtrigger/shared/domain";
import type { Beginning } from "@jobtrigger/shared/operations";
import type { OutputChunk } from "../client/client.ts";
import { countFlag, offsetFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { formOf, type OutputFlags, PlainText, print } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { choiceOption } from "./choice_option.ts";
import { chunkForm } from "./chunk_form.ts";

interface LogsFlags extends OutputFlags {
  readonly follow?: boolean;
  readonly from?: number;
  readonly tail?: number;
  readonly stream?: LogStream;
  readonly plain?: boolean;
}

/** Adds the flags and the action of `runs logs` to its command. */
export function addRunLogs(command: Command, io: Io): void {
  command
    .option("-f, --follow", "continue until the run has ended, or until Ctrl-C")
    .option(
      "--from <bytes>",
      "skip this many bytes, such as those that an earlier call has printed",
      offsetFlag("--from"),
    )
    .option("-n, --tail <lines>", "only the last lines", countFlag("--tail"))
    .addOption(
      choiceOption(
        "--stream <name>",
        "only stdout, stderr or system (the worker's own lines)",
        "--stream",
        LOG_STREAMS,
      ),
    )
    .option("--plain", "without colours and whatever else steers a terminal")
    .action((id: DispatchId, flags: LogsFlags) =>
      withSession(io, async ({ client }) => {
        const write = writer(io, flags);
        await client.followRun(id, {
          beginning: beginningOf(flags),
          signal: flags.follow ? io.interruption() : null,
          onChunk: async (chunk) => {
            if (flags.stream === undefined || chunk.stream === flags.stream) await write(chunk);
          },
        });
      })
    );
}

function writer(io: Io, flags: LogsFlags): (chunk: OutputChunk) => Promise<void> {
  // A sequence that one stream begins is not ended by what another one writes in between.
  const texts = Object.fromEntries(LOG_STREAMS.map((stream) => [stream, new PlainText()]));
  return async (chunk) => {
    const bytes = flags.plain ? texts[chunk.stream]?.keep(chunk.bytes) ?? chunk.bytes : chunk.bytes;
    // A document of its own for each chunk: they are read as they come.
    if (formOf(flags) === "yaml") await io.out("---\n");
    await print(io, flags, { form: () => chunkForm({ ...chunk, bytes }), text: () => io.out(bytes) });
  };
}

/** Where `runs logs` begins. @throws {Invalid} when the flags contradict each other. */
function beginningOf({ from, tail, stream }: LogsFlags): Beginning {
  if (from === undefined) return tail === undefined ? { offset: 0 } : { lastLines: tail };
  const other = tail !== undefined ? "--tail" : stream !== undefined ? "--stream" : null;
  if (other === null) return { offset: from };
  const message = "counts bytes of the whole output from its start";
  throw new Invalid([{ field: "--from", message: `cannot go together with ${other}: it ${message}` }]);
}
