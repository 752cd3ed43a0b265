import { HttpError, page } from "fresh";
import type { Job } from "@jobtrigger/shared/domain";
import {
  BACKFILL_FIELDS,
  type BackfillFields,
  backfillJob,
  type BackfillPlan,
  type BackfillProblems,
  type Known,
  knownOf,
  planBackfill,
} from "@jobtrigger/shared/operations";
import { isoUtc } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { Action } from "../../../components/Action.tsx";
import { BackfillTimes } from "../../../components/BackfillTimes.tsx";
import { Empty } from "../../../components/Empty.tsx";
import { Field } from "../../../components/Field.tsx";
import { jobCrumbs } from "../../../components/job_crumbs.ts";
import { Note } from "../../../components/Note.tsx";
import { Panel } from "../../../components/Panel.tsx";
import { Page } from "../../../components/Page.tsx";
import { readForm } from "../../../server/form.ts";
import { operating } from "../../../server/operating.ts";
import { jobIdOf } from "../../../server/params.ts";
import { seeOther } from "../../../server/redirect.ts";
import { jobFor, jobToChange } from "../../../server/visible.ts";
import { define, type State } from "../../../utils.ts";

interface Data {
  readonly job: Job;
  readonly fields: BackfillFields;
  readonly problems: BackfillProblems;
  /** Null: no range was given yet, or it has problems. */
  readonly plan: BackfillPlan | null;
  readonly known: readonly Known[] | null;
  /** So that a backfill is written once, however often it is sent. */
  readonly key: string;
  /** Whether the job was changed between the dry run and the click. */
  readonly isOutdated: boolean;
}

/**
 * GET shows the times that a backfill would run and writes nothing; POST writes exactly those. The form names the
 * revision of the job, because a change of the job may change its times.
 */
export const handler = define.handlers<Data>({
  async GET({ params, url, state }) {
    const job = await jobFor(state, jobIdOf(params), "jobs.run");
    return page(await dataOf(job, fieldsOf(url.searchParams), state));
  },
  async POST({ req, params, state }) {
    const form = await readForm(req);
    const job = await jobToChange(state, jobIdOf(params), "jobs.run");
    const key = form.get("key") ?? "";
    if (!/^[\w-]{8,64}$/.test(key)) throw new HttpError(422, `The form has no key: found "${key.slice(0, 64)}"`);
    const fields = fieldsOf(form);
    if (form.get("revision") !== String(job.revision)) {
      return page({ ...await dataOf(job, fields, state), isOutdated: true }, { status: 409 });
    }
    const planned = planBackfill(job, fields, state.view.now);
    if ("problems" in planned) return page(await dataOf(job, fields, state), { status: 422 });
    await backfillJob(operating(state), { id: job.id, key, plan: planned.plan });
    return seeOther(`/jobs/${job.id}?notice=backfilled`);
  },
});

function fieldsOf(form: URLSearchParams): BackfillFields {
  const [from = "", to = "", at_once = ""] = BACKFILL_FIELDS.map((name) => (form.get(name) ?? "").slice(0, 100));
  return { from, to, at_once };
}

async function dataOf(job: Job, fields: BackfillFields, { portal, view }: State): Promise<Data> {
  const kept = { job, fields, key: crypto.randomUUID(), isOutdated: false };
  const isAsked = fields.from !== "" || fields.to !== "";
  const planned = isAsked ? planBackfill(job, fields, view.now) : { problems: {} };
  if ("problems" in planned) return { ...kept, problems: planned.problems, plan: null, known: null };
  const { plan } = planned;
  return { ...kept, problems: {}, plan, known: await knownOf(portal.store, job, plan) };
}

/** The form of a backfill, and its dry run. */
export default define.page<typeof handler>(function BackfillPage({ data, state }) {
  const { job, plan, known, key, isOutdated } = data;
  const path = `/jobs/${job.id}`;
  return (
    <Page title="Backfill" crumbs={jobCrumbs(job)}>
      {isOutdated && (
        <Note tone="warn" role="alert" what="Nothing was written: the job was changed since these times were listed.">
          <p>They are listed again below.</p>
        </Note>
      )}
      <RangeForm {...data} />
      {plan !== null && plan.times.length === 0 && (
        <section class="panel" aria-label="Times">
          <Empty icon="clock" title="The job's schedule has no time in this range." />
        </section>
      )}
      {plan !== null && plan.times.length > 0 && (
        <Panel id="backfill" title={`Dry run: ${countOf(plan)}`}>
          <div class="body stack">
            <p>
              Nothing is written yet. They run in this order,{" "}
              {plan.atOnce === 1 ? "one after the other" : `${plan.atOnce} at once`}, as workers have slots, whatever
              the overlap policy says; each has its own time as SCHEDULED_FOR.
            </p>
            <div class="form-end">
              <Action
                to={`${path}/backfill`}
                icon="play"
                label={`Run ${countOf(plan)}`}
                tone="primary"
                fields={{
                  key,
                  revision: String(job.revision),
                  from: isoUtc(plan.from),
                  to: isoUtc(plan.until),
                  at_once: String(plan.atOnce),
                }}
              />
              <a class="button" href={path}>Cancel</a>
            </div>
          </div>
          <BackfillTimes times={plan.times} known={known} jobZone={job.timezone} portalZone={state.view.zone} />
        </Panel>
      )}
    </Page>
  );
});

function countOf({ times }: BackfillPlan): string {
  return times.length === 1 ? "1 time" : `${times.length.toLocaleString("en")} times`;
}

function RangeForm({ job, fields, problems }: Data): JSX.Element {
  const input = (name: keyof BackfillFields, label: string, help: string) => (
    <Field name={name} label={label} problem={problems[name]} help={help}>
      {(a) => <input {...a} value={fields[name]} maxLength={100} autocomplete="off" spellcheck={false} />}
    </Field>
  );
  return (
    <form method="get" action={`/jobs/${job.id}/backfill`} class="panel">
      <div class="body stack">
        <div class="pair">
          {input("from", "From", `A day or a time, in ${job.timezone}; it counts.`)}
          {input("to", "To", "The same; a day or a minute counts whole, and so does an hour that clocks show twice.")}
          {input("at_once", "At once", "Runs that may go on at the same time; empty: 1.")}
        </div>
        <div class="row">
          <button type="submit" class="button">Show the times</button>
        </div>
      </div>
    </form>
  );
}
