import type { Command } from "commander";
import { Invalid } from "@jobtrigger/shared/domain";
import { JOB_FILTER_FIELDS, type JobFilter, narrowedBy, readJobFilter } from "@jobtrigger/shared/api";
import { labelFlag } from "../flags.ts";

/** Adds a command about one job; the text that names the job is its argument. */
export function jobCommand(parent: Command, name: string, about: string): Command {
  return parent.command(name).description(about).argument("<job>", "the job's id, key or exact name");
}

/** What narrows a command of {@linkcode jobsCommand} to many jobs. */
export interface LabelFlags {
  readonly label?: readonly (readonly string[])[];
}

/** Adds a command about one job, or about all that have a label or match a filter. */
export function jobsCommand(parent: Command, name: string, about: string): Command {
  return parent.command(name).description(about)
    .argument("[job...]", "the job's id, key or exact name; or a filter such as label:nightly: docs/filters.md")
    .option("--label <label>", "all jobs with this label, or with one of a,b; repeat for several", labelFlag);
}

/** The text that names one job, or what narrows to many. @throws {Invalid} when nothing does, or words may mean either. */
export function subjectOf(words: readonly string[], { label: labels }: LabelFlags): string | JobFilter {
  const [word, another] = words;
  if (labels === undefined && word !== undefined && another === undefined && !isTerm(word)) return word;
  const { search, ...jobs } = narrowedBy(readJobFilter(words.join(" ")), labels === undefined ? {} : { labels });
  if (search === undefined && Object.keys(jobs).length > 0) return jobs;
  const found = search === undefined ? "is missing" : `found the words ${JSON.stringify(search)}`;
  throw new Invalid([{
    field: "job",
    message:
      `${found}: expected the id, the key or in quotation marks the name of one job, or a filter such as label:nightly`,
  }]);
}

function isTerm(word: string): boolean {
  return JOB_FILTER_FIELDS.some((field) => word.toLowerCase().startsWith(`${field}:`));
}
