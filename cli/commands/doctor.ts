import type { Command } from "commander";
import { type Diagnosis, Invalid, StoreUnavailable } from "@jobtrigger/shared/domain";
import { doctorForm } from "@jobtrigger/shared/api";
import { refused, unreachable } from "@jobtrigger/shared/policy";
import { targetOf } from "../client/target.ts";
import type { Io } from "../io.ts";
import { type OutputFlags, print, printTable, type Tone } from "../output/mod.ts";
import { withSession } from "../session.ts";

const TONES: Readonly<Record<Diagnosis["level"], Tone>> = { fine: "ok", warning: "warn", critical: "bad" };

/** What `doctor` takes. */
interface DoctorFlags extends OutputFlags {
  readonly sizes?: boolean;
}

/** Adds `doctor`. `exit` sets the process's exit code. */
export function addDoctorCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program.command("doctor").description(
    "look at the whole installation: each line is fine, or says what to do; the exit code is 1 when one is not fine",
  )
    .option("--sizes", "name the largest tables and indexes too; reads all of a SQLite file")
    .action(async ({ sizes = false, ...flags }: DoctorFlags) => {
      const lines = await examined(io, sizes);
      await print(io, flags, {
        form: () => doctorForm(lines),
        text: () =>
          printTable(io, flags, lines, [
            ["CHECK", ({ check }) => check],
            ["STATE", ({ level }) => level, { tone: ({ level }) => TONES[level] }],
            ["FOUND", ({ found }) => found],
            ["WHAT TO DO", ({ advice }) => advice ?? "-"],
          ]),
      });
      if (lines.some(({ level }) => level !== "fine")) exit(1);
    });
}

/** What was found. A database that cannot be opened is a finding like others; a portal that does not answer is an error. */
async function examined(io: Io, withSizes: boolean): Promise<readonly Diagnosis[]> {
  const isDatabase = targetOf(io.env).kind === "database";
  try {
    return await withSession(
      io,
      ({ client, config: { scriptsDirs } }) =>
        client.examine({ withSizes, scriptsDirs, localNow: () => io.clock.now() }),
    );
  } catch (error) {
    if (isDatabase && error instanceof StoreUnavailable) return [unreachable(error.message)];
    const problem = error instanceof Invalid ? error.problems.find(({ field }) => field === "DATABASE_URL") : undefined;
    if (problem === undefined) throw error;
    return [refused(problem.message)];
  }
}
