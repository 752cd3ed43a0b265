import { DEFAULT_POLICIES } from "@jobtrigger/shared/domain";
import { policySentences } from "@jobtrigger/shared/api";
import { Page } from "../components/Page.tsx";
import { ScheduleHelp } from "../components/ScheduleHelp.tsx";
import { define } from "../utils.ts";

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["?"], "this page"],
  [["/"], "the filter of a list"],
  [["g", "j"], "the jobs"],
  [["g", "r"], "the runs"],
  [["g", "w"], "the workers"],
  [["j"], "down a list"],
  [["k"], "up a list"],
  [["Enter"], "open what is marked"],
  [["e"], "edit the job"],
  [["n"], "show what is new in a list"],
];

/** The effects of the default policies. */
const USUAL = policySentences(DEFAULT_POLICIES, { timezone: "UTC", defaults: true });

/** What a person may need to look up. */
export default define.page(function HelpPage({ state }) {
  return (
    <Page title="Help">
      <section aria-labelledby="help-keys">
        <h2 id="help-keys">Keys</h2>
        <dl class="facts">
          {KEYS.map(([keys, what]) => (
            <div key={what}>
              <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <form method="post" action="/preferences">
          <input type="hidden" name="back" value="/help" />
          <button type="submit" name="keys" value={state.hasKeys ? "off" : "on"} class="button">
            {state.hasKeys ? "Switch keys off" : "Switch keys on"}
          </button>
        </form>
      </section>
      <section aria-labelledby="help-schedules">
        <h2 id="help-schedules">Schedules</h2>
        <ScheduleHelp />
      </section>
      <section aria-labelledby="help-policies">
        <h2 id="help-policies">Policies</h2>
        <p>
          A job needs none of them: each policy that it does not set has its default. A job without any has these
          sentences; its form tells how they change.
        </p>
        <ul class="effects">
          {USUAL.map(({ sentence }) => <li key={sentence}>{sentence}</li>)}
        </ul>
        <p>
          A job's page answers why it did, or did not, run at a time; a run's page, why it waits. A{" "}
          <strong>backfill</strong> runs the times of a past range again, after a dry run that lists them.
        </p>
      </section>
      <section aria-labelledby="help-api">
        <h2 id="help-api">Programs</h2>
        <p>
          Programs do through the API what people do here: <a href="/help/api">its reference</a>.
        </p>
      </section>
      <section aria-labelledby="help-times">
        <h2 id="help-times">Times</h2>
        <p>
          Times are shown in <strong>{state.view.zone}</strong>{" "}
          and stored in UTC. A job has a time zone of its own, in which its schedule is meant.
        </p>
      </section>
    </Page>
  );
});
