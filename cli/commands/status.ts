import type { Command } from "commander";
import { type EpochMs, MOST_COUNTED } from "@jobtrigger/shared/domain";
import { statusForm } from "@jobtrigger/shared/api";
import type { ServiceCount, SystemStatus } from "@jobtrigger/shared/policy";
import type { Io } from "../io.ts";
import { type Fact, instantText, type OutputFlags, print, printFacts, type Tone } from "../output/mod.ts";
import { withSession } from "../session.ts";

const TONES: Readonly<Record<SystemStatus["level"], Tone>> = { ok: "ok", warning: "warn", critical: "bad" };

/** Adds `status`. `exit` sets the process's exit code. */
export function addStatusCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program.command("status").description(
    "say whether all is well; the exit code is 1 when something fails, is late, slow or dead",
  )
    .action((flags: OutputFlags) =>
      withSession(io, async ({ client, config }) => {
        const status = await client.readStatus();
        await print(io, flags, {
          form: () => statusForm(status),
          text: () => printFacts(io, flags, factsOf(status, (at) => instantText(io, at, config.displayTimezone))),
        });
        if (status.level !== "ok") exit(1);
      })
    );
}

function factsOf(
  { level, sign, troubles, services, workers, totals }: SystemStatus,
  instant: (at: EpochMs | null) => string,
): readonly Fact[] {
  const { running, waiting, waitingSince, failed, late, lateSince, failing, failingSince } = totals;
  const since = (at: EpochMs | null) => at === null ? "" : `, since ${instant(at)}`;
  const absent = ([["silent", workers.silent], ["stale", workers.stale], ["offline", workers.offline]] as const)
    .flatMap(([word, count]) => count === 0 ? [] : [`, ${count} ${word}`]).join("");
  return [
    ["sign", sign.text, sign.tone === "ok" ? "ok" : sign.tone === "late" ? "warn" : "bad"],
    ["state", level, TONES[level]],
    ["schedulers", serviceText(services.scheduler, instant), services.scheduler.up === 0 ? "bad" : "calm"],
    ["portals", serviceText(services.web, instant)],
    [
      "workers",
      `${workers.online} online${absent}; ${workers.busy} of ${workers.slots} slots busy`,
      workers.online === 0 ? "bad" : "calm",
    ],
    ["running", countText(running)],
    ["waiting", `${countText(waiting)}${since(waitingSince)}`],
    ["failed in 24 h", countText(failed), failed > 0 ? "warn" : "calm"],
    ["failing jobs", `${countText(failing)}${since(failingSince)}`, failing > 0 ? "bad" : "calm"],
    ["late jobs", `${countText(late)}${since(lateSince)}`, late > 0 ? "bad" : "calm"],
    ...troubles.map((trouble): Fact => [
      trouble.level,
      `${trouble.message}${trouble.since === null ? "" : ` Since ${instant(trouble.since)}.`}`,
      TONES[trouble.level],
    ]),
  ];
}

function serviceText({ up, silent, lastPassAt }: ServiceCount, instant: (at: EpochMs | null) => string): string {
  const silentText = silent === 0 ? "" : `, ${silent} silent`;
  return `${up} up${silentText}${lastPassAt === null ? "" : `, last seen ${instant(lastPassAt)}`}`;
}

function countText(count: number): string {
  return count >= MOST_COUNTED ? `${MOST_COUNTED} or more` : String(count);
}
