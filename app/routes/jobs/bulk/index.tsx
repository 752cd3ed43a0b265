import { HttpError, page } from "fresh";
import { type BulkKind, Invalid, type JobSummary, type Problem } from "@jobtrigger/shared/domain";
import type { JSX } from "preact";
import { BULK_PERMISSIONS } from "@jobtrigger/shared/operations";
import { Empty } from "../../../components/Empty.tsx";
import { Field } from "../../../components/Field.tsx";
import { NameLink } from "../../../components/NameLink.tsx";
import { Note } from "../../../components/Note.tsx";
import { Page } from "../../../components/Page.tsx";
import { Panel } from "../../../components/Panel.tsx";
import { followerOf } from "../../../server/access/follower.ts";
import { actionOf, beginBulk, jobsOf, kindOf } from "../../../server/bulk.ts";
import { backTo, readForm, safePath } from "../../../server/form.ts";
import { capped } from "../../../server/health_strip.ts";
import { operating } from "../../../server/operating.ts";
import { seeOther } from "../../../server/redirect.ts";
import { demandAnywhere, visibleTo } from "../../../server/visible.ts";
import { define, type State } from "../../../utils.ts";

/** So many jobs are named. */
const NAMED = 200;
/** Longest key that a form may carry. */
const KEY_LENGTH = 64;

interface Data {
  readonly kind: BulkKind;
  /** The parameters that say which jobs. */
  readonly which: readonly (readonly [string, string])[];
  /** The first jobs. */
  readonly jobs: readonly JobSummary[];
  /** How many there are, as far as they are counted. */
  readonly count: number;
  readonly key: string;
  readonly back: string;
  readonly typed: Readonly<Record<"note" | "add" | "remove", string>>;
  readonly problems: readonly Problem[];
}

/** Asks before it changes many jobs, and takes the change down. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const params = url.searchParams;
    const permission = BULK_PERMISSIONS[kindOf(params) ?? "run"];
    // Each job asks for it again; who has it on no job gets the answer before the question.
    demandAnywhere(state, permission);
    return page(await dataOf(params, state, { back: safePath(params.get("back") ?? "", "/jobs"), problems: [] }));
  },
  async POST({ req, state }) {
    const form = await readForm(req);
    const kind = kindOf(form);
    if (kind === null) throw new HttpError(400, "The form does not say what is to be done");
    try {
      const key = (form.get("key") ?? "").slice(0, KEY_LENGTH) || crypto.randomUUID();
      const request = { key, action: actionOf(kind, form), jobs: jobsOf(form) };
      const { accessNow } = followerOf(state, req.headers);
      const { id } = await beginBulk(state.portal, { context: operating(state), accessNow }, request);
      return seeOther(`/jobs/bulk/${id}?back=${encodeURIComponent(backTo(form, "/jobs"))}`);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      const data = await dataOf(form, state, { back: backTo(form, "/jobs"), problems: error.problems });
      return page({ ...data, key: crypto.randomUUID() }, { status: 422 });
    }
  },
});

async function dataOf(
  params: URLSearchParams,
  state: State,
  { back, problems }: Pick<Data, "back" | "problems">,
): Promise<Data> {
  const kind = kindOf(params) ?? "run";
  const { store } = state.portal;
  const query = { ...jobsOf(params), now: state.view.now, ...visibleTo(state, "jobs.read") };
  const { items, next } = await store.jobs.list({ ...query, limit: NAMED });
  const count = next === null ? items.length : await store.jobs.count(query);
  const which = [...params].filter(([name]) => ["id", "all", "q", "state", "do"].includes(name));
  const typed = { note: params.get("note") ?? "", add: params.get("add") ?? "", remove: params.get("remove") ?? "" };
  const key = params.get("key") ?? crypto.randomUUID();
  return { kind, which, jobs: items, count, key, back, typed, problems };
}

/** What the button says and what it means. */
const QUESTIONS: Readonly<Record<BulkKind, { readonly verb: string; readonly about: string }>> = {
  run: { verb: "Run", about: "Each starts now, as its overlap policy allows." },
  pause: { verb: "Pause", about: "Their schedules are not followed until they are resumed. Nothing piles up." },
  resume: {
    verb: "Resume",
    about: "Their schedules are followed from now on. What would have been due meanwhile is not made up for.",
  },
  label: { verb: "Label", about: "Labels group jobs; rights can go by them." },
  delete: {
    verb: "Delete",
    about:
      "Waiting runs are cancelled and running ones stopped. It cannot be undone. Past runs stay until they are cleaned up.",
  },
};

/** The question whether to change many jobs. */
export default define.page<typeof handler>(function BulkPage({ data }) {
  const { kind, which, jobs, key, back, typed, problems } = data;
  const count = data.count === 1 ? "1 job" : `${capped(data.count)} jobs`;
  const { verb, about } = QUESTIONS[kind];
  const problemOf = (field: string) => problems.find((problem) => problem.field === field)?.message;
  if (jobs.length === 0) {
    return (
      <Page title={`${verb} jobs`} crumbs={[["/jobs", "Jobs"]]}>
        <Empty icon="search" title="No job is selected" step={<a class="button" href={back}>Back to the list</a>} />
      </Page>
    );
  }
  return (
    <Page title={`${verb} ${count}?`} crumbs={[["/jobs", "Jobs"]]} verdict={about}>
      {problemOf("idempotency-key") !== undefined && (
        <Note tone="warn" what="This form has changed jobs in another way already.">
          <p>Send it again to change them once more.</p>
        </Note>
      )}
      <form method="post" action="/jobs/bulk" class="panel">
        <div class="body stack">
          {which.map(([name, value], i) => <input key={i} type="hidden" name={name} value={value} />)}
          <input type="hidden" name="key" value={key} />
          <input type="hidden" name="back" value={back} />
          {kind === "pause" && (
            <>
              <Field
                name="note"
                label="Why"
                problem={problemOf("note")}
                help="Everybody who looks at the jobs sees it."
              >
                {(a) => <input {...a} value={typed.note} maxLength={500} autocomplete="off" />}
              </Field>
              <label class="check">
                <input type="checkbox" name="cancel_waiting" />
                Cancel their runs that wait
              </label>
            </>
          )}
          {kind === "label" && (
            <div class="pair">
              <Field name="add" label="Add labels" problem={problemOf("add")} help="A comma between two.">
                {(a) => <input {...a} value={typed.add} autocomplete="off" />}
              </Field>
              <Field name="remove" label="Remove labels" problem={problemOf("remove")}>
                {(a) => <input {...a} value={typed.remove} autocomplete="off" />}
              </Field>
            </div>
          )}
          <div class="row">
            <button type="submit" class={`button ${kind === "delete" ? "danger" : "primary"}`}>
              {kind === "label" ? "Change labels of" : verb} {count}
            </button>
            <a class="button" href={back}>Cancel</a>
          </div>
        </div>
      </form>
      <Panel title="Jobs" id="jobs" about={data.count > jobs.length ? `the first ${NAMED}` : undefined}>
        <Names jobs={jobs} />
      </Panel>
    </Page>
  );
});

function Names({ jobs }: { readonly jobs: readonly JobSummary[] }): JSX.Element {
  return (
    <ul class="list short">
      {jobs.map(({ id, name, isActive }) => (
        <li key={id}>
          <div>
            <NameLink href={`/jobs/${id}`} name={name} />
            {!isActive && <small>paused</small>}
          </div>
        </li>
      ))}
    </ul>
  );
}
