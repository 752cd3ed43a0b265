import { epochMs, Invalid } from "@jobtrigger/shared/domain";
import { readJobFilter, readLabels, statisticsForm, timelineForm } from "@jobtrigger/shared/api";
import { statisticsQuery, timelineQuery } from "@jobtrigger/shared/api/schemas";
import { readStatistics, readTimeline } from "@jobtrigger/shared/operations";
import { type ApiOperation, operation, PLAIN } from "./operation.ts";

/** Longest range of a timeline, in milliseconds. */
const MOST_MS = 31 * 86_400_000;

/** What happened and will happen in a range of time. */
export const TIME_OPERATIONS: readonly ApiOperation[] = [
  operation({
    ...PLAIN,
    id: "getTimeline",
    method: "GET",
    path: "/timeline",
    permission: "jobs.read",
    summary: "Say what ran and what will run in a range, job by job",
    query: timelineQuery,
    answer: { status: 200, shown: "Timeline" },
    errors: ["invalid"],
    handle: async ({ context, view, query: { filter = "", from, until, cursor } }) => {
      const range = { from: epochMs(Date.parse(from)), until: epochMs(Date.parse(until)) };
      if (range.until <= range.from || range.until - range.from > MOST_MS) {
        throw new Invalid([{ field: "until", message: "must be after from, by up to 31 days" }]);
      }
      const timeline = await readTimeline(context, {
        ...range,
        filter: readJobFilter(filter),
        ...(cursor !== undefined && { cursor }),
      }, view.now);
      return { body: timelineForm(timeline) };
    },
  }),
  operation({
    ...PLAIN,
    id: "getStatistics",
    method: "GET",
    path: "/statistics",
    permission: "runs.read",
    summary: "Say how often runs succeed, how long they take and how late they start",
    query: statisticsQuery,
    answer: { status: 200, shown: "Statistics" },
    errors: ["invalid"],
    handle: async ({ context, view, query: { range = "24h", sort = "failed", label } }) => {
      const labels = label?.map((text) => readLabels(text, "label"));
      const query = { range, ranking: sort, ...(labels !== undefined && { labels }) };
      return { body: statisticsForm(await readStatistics(context, query, view.now)) };
    },
  }),
];
