import type { Command } from "commander";
import { type DispatchId, Invalid, LOG_STREAMS, type LogStream } from "@jobtrigger/shared/domain";
import type { Beginning } from "@jobtrigger/shared/operations";
import { MAX_SOUGHT } from "@jobtrigger/shared/policy";
import type { OutputChunk, RunsClient } from "../client/client.ts";
import { countFlag, offsetFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { formOf, oneLine, type OutputFlags, PlainText, print } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { choiceOption } from "./choice_option.ts";
import { chunkForm } from "./chunk_form.ts";

interface LogsFlags extends OutputFlags {
  readonly follow?: boolean;
  readonly from?: number;
  readonly tail?: number;
  readonly stream?: LogStream;
  readonly plain?: boolean;
  readonly find?: string;
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
    .option("--find <text>", "only the lines with this text, in any case, each after its number")
    .option("--plain", "without colours and whatever else steers a terminal")
    .action((id: DispatchId, flags: LogsFlags) =>
      withSession(io, async ({ client }) => {
        if (flags.find !== undefined) return await printFound(io, client, id, { ...flags, find: flags.find });
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

/** Prints the lines with a text as `grep -n` does. @throws {Invalid} */
async function printFound(
  io: Io,
  client: RunsClient,
  id: DispatchId,
  { find: text, ...flags }: LogsFlags & { readonly find: string },
): Promise<void> {
  const other = flags.follow
    ? "--follow"
    : flags.from !== undefined
    ? "--from"
    : flags.tail !== undefined
    ? "--tail"
    : null;
  if (other !== null) {
    const message = `cannot go together with ${other}: it searches all output that is stored`;
    throw new Invalid([{ field: "--find", message }]);
  }
  if (text.length < 1 || text.length > MAX_SOUGHT || /[\r\n]/.test(text)) {
    const message = `takes 1 to ${MAX_SOUGHT} characters without a line break`;
    throw new Invalid([{ field: "--find", message }]);
  }
  const { stream } = flags;
  let isFound = false;
  for await (const matches of client.searchRun(id, { text, ...(stream !== undefined && { stream }) })) {
    for (const { line, stream, text } of matches) {
      isFound = true;
      if (formOf(flags) === "yaml") await io.out("---\n");
      await print(io, flags, {
        form: () => ({ line, stream, text }),
        text: () => io.out(`${line}:${oneLine(text)}\n`),
      });
    }
  }
  if (!isFound) await io.err(`No line of run ${id} has ${JSON.stringify(text)}\n`);
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
