import { Argument, type Command } from "commander";
import { bashScript } from "./completion/bash.ts";
import { fishScript } from "./completion/fish.ts";
import { ASKED, type Asked, type CommandSpec, specsOf } from "./completion/spec.ts";
import { zshScript } from "./completion/zsh.ts";
import type { Io } from "../io.ts";
import { oneLine } from "../output/mod.ts";
import { type Session, withSession } from "../session.ts";
import { nameOfJob } from "./job_answer.ts";

/** The names of the program: the task's, and the compiled binary's. */
const NAMES = ["jobctl", "jtp-jobctl"];

const SCRIPTS: Readonly<Record<string, (specs: readonly CommandSpec[], names: readonly string[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Most values that are offered, and longest that the shell waits for them, in milliseconds. */
const [MOST_OFFERED, PATIENCE_MS] = [200, 1_000];

/** Adds `completion`, and the hidden command that its scripts call. */
export function addCompletionCommands(program: Command, io: Io): void {
  program.command("completion").description("print a script by which a shell completes commands, flags, jobs and runs")
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(Object.keys(SCRIPTS)))
    .action(async (shell: string) => {
      await io.out(SCRIPTS[shell]?.(specsOf(program), NAMES) ?? "");
    });

  program.command("complete-values", { hidden: true })
    .addArgument(new Argument("<kind>").choices([...ASKED]))
    .argument("[prefix]", "what is typed so far", "")
    .action(async (kind: Asked, prefix: string) => {
      // A shell must neither wait nor show an error in the middle of a line that somebody types.
      const values = withSession(io, (session) => valuesOf(session, kind, prefix)).catch(() => []);
      const found = await Promise.race([values, io.clock.sleep(PATIENCE_MS).then(() => [])]);
      await io.out(found.map((value) => `${oneLine(value)}\n`).join(""));
    });
}

/** Values that begin with `prefix`: of jobs the key, else the name. */
async function valuesOf({ client }: Session, kind: Asked, prefix: string): Promise<readonly string[]> {
  const limit = MOST_OFFERED;
  switch (kind) {
    case "jobs": {
      const { items } = await client.listJobs({ ...(prefix !== "" && { jobs: [`${prefix}*`] }), limit });
      const fits = (name: string | null): name is string => name?.startsWith(prefix) === true;
      return items.map((job) => [job.key, job.name].find(fits) ?? nameOfJob(job));
    }
    case "runs":
      return (await client.listRuns({ limit: 50 })).items.map(({ id }) => String(id));
    case "users":
      return (await client.listUsers({ limit })).items.map(({ name }) => name);
  }
}
