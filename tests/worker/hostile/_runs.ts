import type { Dispatch } from "../../../shared/domain/mod.ts";
import { addJob, log, start } from "../../services/_runs.ts";
import { eventually, type Site } from "../../support/process.ts";
import type { corpusOf } from "./_left.ts";

/** Starts each script of the corpus that does not end. */
export async function startAll(
  site: Site,
  { sign, scripts }: ReturnType<typeof corpusOf>,
  retries = 0,
): Promise<readonly Dispatch[]> {
  const runs: Dispatch[] = [];
  for (const [n, { text }] of scripts.filter(({ end }) => end === null).entries()) {
    runs.push(await startScript(site, `${n}-${sign}.sh`, text, retries));
  }
  return runs;
}

/** Writes a script and asks for a run of it. */
export async function startScript(site: Site, file: string, text: string, retries = 0): Promise<Dispatch> {
  await site.script(file, text);
  return await start(site, await addJob(site, "manual", file, retries));
}

/** Resolves when each script has printed `ready`. */
export async function allSpeak(site: Site, runs: readonly Dispatch[]): Promise<void> {
  for (const run of runs) await eventually(site.store, async () => (await log(site, run)).includes("ready"));
}

/** The standard output of a run. */
export async function output({ store }: Site, run: Dispatch): Promise<string> {
  const chunks = await store.logs.read(run.id, { fromSeq: 0, maxBytes: 1e7 });
  return chunks.filter(({ stream }) => stream === "stdout").map(({ data }) => data).join("");
}
