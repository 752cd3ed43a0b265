import { type Command, Option } from "commander";
import { epochMs, Invalid, type Ranking } from "@jobtrigger/shared/domain";
import {
  RANKING_NAMES,
  readSince,
  readTypedTime,
  STATISTICS_RANGE_NAMES,
  type StatisticsShown,
  type TallyShown,
  type TimeContext,
  type TimelineShown,
} from "@jobtrigger/shared/api";
import type { StatisticsRange } from "@jobtrigger/shared/operations";
import { formatDuration } from "@jobtrigger/shared/time";
import { labelFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { instantText, type OutputFlags, print, printTable } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { filterArgument, timeContext } from "./list_flags.ts";

interface TimelineFlags extends OutputFlags {
  readonly from?: string;
  readonly to?: string;
}

interface StatsFlags extends OutputFlags {
  readonly range: StatisticsRange;
  readonly sort: Ranking;
  readonly by: "time" | "job" | "host";
  readonly label?: readonly (readonly string[])[];
}

/** Adds `timeline` and `stats`. */
export function addTimeCommands(program: Command, io: Io): void {
  addTimeline(program, io);
  addStatistics(program, io);
}

function addTimeline(program: Command, io: Io): void {
  filterArgument(
    program.command("timeline").description("say what ran and what will run in a range, job by job"),
    "label:nightly",
  )
    .option("--from <time>", '01:00 (the last), "2026-11-28 01:00", 24h (ago), or ISO 8601; default: now')
    .option("--to <time>", "likewise, up to 31 days later; not in the range; default: 24 hours after the beginning")
    .action((filter: readonly string[], flags: TimelineFlags) =>
      withSession(io, async (session) => {
        const context = await timeContext(session);
        const range = rangeOf(flags, context);
        const items: TimelineShown["items"][number][] = [];
        let cursor: string | null = null;
        do {
          const page: TimelineShown = await session.client.readTimeline({
            ...range,
            filter: filter.join(" "),
            ...(cursor !== null && { cursor }),
          });
          items.push(...page.items);
          cursor = page.next;
        } while (cursor !== null);
        const time = (iso: string | null) =>
          instantText(io, iso === null ? null : epochMs(Date.parse(iso)), context.zone);
        await print(io, flags, {
          form: () => items,
          names: items.map(({ job_id: id }) => String(id)),
          text: () =>
            printTable(io, flags, items, [
              ["JOB", ({ job_id: id }) => String(id)],
              ["NAME", ({ name }) => name],
              ["RAN", (one) => String(ranOf(one).all)],
              ["FAILED", (one) => String(ranOf(one).failed)],
              ["PLANNED", ({ planned_count: count }) => String(count)],
              ["FIRST", ({ planned_first: first }) => time(first)],
              ["LAST", ({ planned_last: last }) => time(last)],
            ]),
        });
      })
    );
}

function addStatistics(program: Command, io: Io): void {
  program.command("stats").description("say how often runs succeed, how long they take and how late they start")
    .addOption(new Option("--range <range>", "up to now").choices(STATISTICS_RANGE_NAMES).default("24h"))
    .addOption(new Option("--by <what>", "what each line is about").choices(["time", "job", "host"]).default("job"))
    .addOption(new Option("--sort <order>", "which jobs come first").choices(RANKING_NAMES).default("failed"))
    .option("--label <labels>", "of jobs with one of these labels; repeat for jobs that have one of each", labelFlag)
    .action((flags: StatsFlags) =>
      withSession(io, async ({ client, config }) => {
        const { range, sort, by, label: labels = [] } = flags;
        const statistics = await client.readStatistics({ range, ranking: sort, labels });
        const lines = linesOf(
          statistics,
          by,
          (iso) => instantText(io, epochMs(Date.parse(iso)), config.displayTimezone),
        );
        await print(io, flags, {
          form: () => statistics,
          names: lines.map(({ name }) => name),
          text: () =>
            printTable(io, flags, [...lines, { name: "all", tally: statistics.total }], [
              [by.toUpperCase(), ({ name }) => name],
              ["SUCCESS", ({ tally }) => rateText(tally.success_rate)],
              ["ENDED", ({ tally }) => String(tally.ended)],
              ["FAILED", ({ tally }) => String(tally.failed)],
              ["P50", ({ tally }) => duration(tally.duration_ms.p50)],
              ["P95", ({ tally }) => duration(tally.duration_ms.p95)],
              ["P99", ({ tally }) => duration(tally.duration_ms.p99)],
              ["DELAY P95", ({ tally }) => duration(tally.start_delay_ms.p95)],
            ]),
        });
      })
    );
}

/** A line of `stats`. */
interface Line {
  readonly name: string;
  readonly tally: TallyShown;
}

/** @throws {Invalid} when there are no statistics of hosts for this reader or these labels. */
function linesOf(
  { periods, jobs, hosts, grain }: StatisticsShown,
  by: StatsFlags["by"],
  time: (iso: string) => string,
): readonly Line[] {
  switch (by) {
    case "time":
      return periods.map((tally) => ({
        name: grain === "day" ? tally.at.slice(0, 10) : time(tally.at),
        tally,
      }));
    case "job":
      return jobs.map((tally) => ({ name: tally.name ?? `${tally.job_id} (deleted)`, tally }));
    case "host":
      if (hosts !== null) return hosts.map((tally) => ({ name: tally.host, tally }));
      throw new Invalid([{ field: "--by", message: "hosts are counted for all jobs alone, without labels" }]);
  }
}

function ranOf(
  { runs, periods, is_cut: isCut }: TimelineShown["items"][number],
): { readonly all: number; readonly failed: number } {
  if (!isCut) {
    return {
      all: runs.length,
      failed: runs.filter(({ status }) => status === "FAILED" || status === "TIMEOUT").length,
    };
  }
  const failed = periods.reduce((sum, { counts }) => sum + counts.failure + counts.error + counts.timeout, 0);
  return { failed, all: periods.reduce((sum, { counts }) => sum + counts.success + counts.cancelled, failed) };
}

function rangeOf({ from, to }: TimelineFlags, context: TimeContext) {
  const begin = from === undefined ? context.now : moment("--from", from, context);
  const until = to === undefined ? epochMs(begin + 86_400_000) : moment("--to", to, context);
  if (until > begin) return { from: begin, until };
  throw new Invalid([{ field: "--to", message: "must be after the beginning" }]);
}

function moment(field: string, text: string, context: TimeContext) {
  try {
    return readTypedTime(text, context)?.at ?? readSince(text, context);
  } catch (error) {
    if (error instanceof RangeError) throw new Invalid([{ field, message: error.message }]);
    throw error;
  }
}

function rateText(rate: number | null): string {
  return rate === null ? "-" : rate === 1 ? "100 %" : `${Math.min(99.9, Math.floor(rate * 1000) / 10)} %`;
}

function duration(ms: number | null): string {
  return ms === null ? "-" : formatDuration(ms);
}
