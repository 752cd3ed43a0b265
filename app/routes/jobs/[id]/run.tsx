import { page } from "fresh";
import { Conflict, dispatchId, Invalid, type Job } from "@jobtrigger/shared/domain";
import { parseArgs } from "@jobtrigger/shared/api";
import { runNow } from "@jobtrigger/shared/operations";
import { roomFor } from "@jobtrigger/shared/policy";
import { Arguments } from "../../../components/Facts.tsx";
import { Field } from "../../../components/Field.tsx";
import { jobCrumbs } from "../../../components/job_crumbs.ts";
import { Note } from "../../../components/Note.tsx";
import { Page } from "../../../components/Page.tsx";
import { overlapNow } from "../../../format/overlap.ts";
import { readForm } from "../../../server/form.ts";
import { readArgs, writeArgs } from "../../../server/job_form.ts";
import { operating } from "../../../server/operating.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { jobFor, jobToChange, runFor } from "../../../server/visible.ts";
import { define, type State } from "../../../utils.ts";

/** Longest key a form may carry. */
const KEY_LENGTH = 64;

/** Said when a form that has started a run is sent again with other arguments. */
const STARTED = "This form has started a run with other arguments already. Send it again to start one more";

interface Data {
  readonly job: Job;
  readonly key: string;
  /** The arguments as typed. */
  readonly args: string;
  readonly problem: string | null;
  readonly isForced: boolean;
  /** Whether it was just refused. */
  readonly isRefused: boolean;
  /** What the overlap policy would do now. */
  readonly overlap: string;
  /** The run that this one is to be like; null: none. */
  readonly like: { readonly id: number; readonly args: readonly string[] } | null;
}

/**
 * Runs a job by one click or by a form, and shows the run. If the overlap policy refuses, it shows why: on the job's
 * page after a click, on the form beside the typed values.
 */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const job = await jobFor(state, jobIdOf(params), "jobs.run");
    const like = await runLike(state, job, url.searchParams.get("like"));
    const typed = { key: crypto.randomUUID(), args: writeArgs(like?.args ?? job.scriptArgs), isForced: false };
    return page({ ...await dataOf(job, typed, state), like });
  },
  async POST({ req, params, state }) {
    const form = await readForm(req);
    const job = await jobToChange(state, jobIdOf(params), "jobs.run");
    const key = (form.get("key") ?? "").slice(0, KEY_LENGTH);
    const args = form.get("args")?.replace(/\r\n?/g, "\n") ?? null;
    const typed = { key, args: args ?? "", isForced: form.get("force") === "on" };
    try {
      const run = await runNow(operating(state), {
        id: job.id,
        // Do not copy the job's own arguments into the run: the run uses those that the job has when it is claimed.
        args: args === null || args === writeArgs(job.scriptArgs) ? null : parseArgs(readArgs(args)),
        force: typed.isForced,
        idempotencyKey: key === "" ? null : key,
      });
      return seeOther(`/runs/${run.id}`);
    } catch (error) {
      if (error instanceof Invalid) {
        const isKey = error.problems.some(({ field }) => field === "idempotency-key");
        const problem = isKey ? STARTED : error.problems.map(({ message }) => message).join("; ");
        const shown = isKey ? { ...typed, key: crypto.randomUUID() } : typed;
        return page({ ...await dataOf(job, shown, state), problem }, { status: 422 });
      }
      if (!(error instanceof Conflict)) throw error;
      if (args === null) return seeOther(`/jobs/${job.id}?notice=busy`);
      return page({ ...await dataOf(job, typed, state), isRefused: true }, { status: 409 });
    }
  },
});

/** The run that somebody runs again with other arguments, and those it was passed; null: none of this job. */
async function runLike(state: State, job: Job, id: string | null): Promise<Data["like"]> {
  if (id === null || !/^[1-9]\d{0,14}$/.test(id)) return null;
  const run = await runFor(state, dispatchId(Number(id)), "runs.read");
  return run.jobId === job.id ? { id: run.id, args: run.args ?? job.scriptArgs } : null;
}

async function dataOf(
  job: Job,
  typed: Pick<Data, "key" | "args" | "isForced">,
  { portal }: State,
): Promise<Data> {
  const runs = await portal.store.runs.unfinished(job.id);
  const unfinished = runs.filter(({ backfill }) => backfill === null).length;
  const { overlap } = job.policies;
  const hasRoom = roomFor(overlap, unfinished) > 0;
  return {
    job,
    ...typed,
    problem: null,
    isRefused: false,
    like: null,
    overlap: overlapNow({ overlap, unfinished, hasRoom }),
  };
}

/** The form of one run. */
export default define.page<typeof handler>(function RunJobPage({ data }) {
  const { job, key, args, problem, isForced, isRefused, overlap, like } = data;
  const path = `/jobs/${job.id}`;
  return (
    <Page title="Run" crumbs={jobCrumbs(job)}>
      {isRefused && (
        <Note tone="bad" role="alert" what="It was not started.">
          <p>{overlap}</p>
        </Note>
      )}
      <form method="post" action={`${path}/run`} class="panel">
        <div class="body stack">
          <input type="hidden" name="key" value={key} />
          <Field
            name="args"
            label="Arguments"
            problem={problem ?? undefined}
            help="For this run only; one a line, passed as they are. Empty: none."
          >
            {(a) => <textarea {...a} rows={4} spellcheck={false} class="code">{args}</textarea>}
          </Field>
          {like !== null && (
            <p>
              Run #{like.id} was passed {like.args.length === 0 ? "no arguments" : <Arguments args={like.args} />}
            </p>
          )}
          <div class="field">
            <label class="check">
              <input
                type="checkbox"
                name="force"
                id="field-force"
                checked={isForced}
                aria-describedby="field-force-help"
              />
              Force: run beside whatever has not ended
            </label>
            <p class="help" id="field-force-help">{overlap}</p>
          </div>
          <div class="form-end">
            <button type="submit" class="button primary">Run it</button>
            <a class="button" href={path}>Cancel</a>
          </div>
        </div>
      </form>
    </Page>
  );
});
