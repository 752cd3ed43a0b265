import { page } from "fresh";
import { type Diagnosis, type Service, VERSION } from "@jobtrigger/shared/domain";
import { examine } from "@jobtrigger/shared/operations";
import type { JSX } from "preact";
import { CardCell, CardRow, Cards } from "../../components/Cards.tsx";
import { Page } from "../../components/Page.tsx";
import { Panel } from "../../components/Panel.tsx";
import { SettingsTabs } from "../../components/SettingsTabs.tsx";
import { Badge } from "../../components/Status.tsx";
import type { Word } from "../../format/words.ts";
import { ownExamination } from "../../server/examination.ts";
import { define, type State } from "../../utils.ts";
import { ServiceTable } from "../workers/index.tsx";

interface Data {
  readonly lines: readonly Diagnosis[];
  readonly services: readonly Service[];
}

/** Looks at the installation, as `jobctl doctor` does. */
export const handler = define.handlers<Data>({
  async GET({ state: { portal, access } }) {
    const { store } = portal;
    const [lines, services] = await Promise.all([
      examine({ store, access }, await ownExamination(portal, { withSizes: false })),
      store.services.list(),
    ]);
    return page({ lines, services });
  },
});

const LEVELS: Readonly<Record<Diagnosis["level"], Word>> = {
  fine: { text: "Fine", icon: "check", tone: "ok" },
  warning: { text: "Look", icon: "warn", tone: "warn" },
  critical: { text: "Bad", icon: "cross", tone: "alarm" },
};

/** The installation: what is fine, who works in it, and the settings of this portal. */
export default define.page<typeof handler>(function SystemPage({ data: { lines, services }, state }) {
  const bad = lines.filter(({ level }) => level !== "fine").length;
  return (
    <Page
      title="Settings"
      verdict={
        <span>
          Version <b>{VERSION}</b>. {bad === 0 ? "All is as it should be." : (
            <>
              <b class="bad">{bad}</b> {bad === 1 ? "line needs" : "lines need"} a look.
            </>
          )}
        </span>
      }
    >
      <SettingsTabs at="system" may={state.may} />
      <Panel id="installation" title="Installation" about="what jobctl doctor says, from this portal's machine">
        <ul class="list two">
          {lines.map((line) => <Finding key={`${line.check} ${line.found}`} {...line} />)}
        </ul>
      </Panel>
      <Panel id="services" title="Schedulers and portals" tools={<a href="/workers">Workers</a>}>
        <ServiceTable services={services} view={state.view} />
      </Panel>
      <Settings {...state.portal} />
    </Page>
  );
});

function Finding({ check, level, found, advice }: Diagnosis): JSX.Element {
  return (
    <li>
      <Badge {...LEVELS[level]} />
      <div>
        <b>{check}</b>: {found}
        {advice !== null && <p>{advice}</p>}
      </div>
    </li>
  );
}

/** The environment of this portal. What schedulers and workers read, their own machines say. */
function Settings({ settings = [] }: State["portal"]): JSX.Element {
  return (
    <Panel
      id="configuration"
      title="Configuration in force"
      about="of this portal; secrets are hidden"
      foot={
        <span>
          Schedulers and workers read their own environment; how long schedulers keep history stands under Installation.
          Every variable: <a href="/help/docs/configuration">help</a>
        </span>
      }
    >
      <Cards kind="settings" head={["Variable", "Value", "Meaning"]}>
        <tbody role="rowgroup">
          {settings.map(({ name, value, isSet, about }) => (
            <CardRow key={name}>
              <CardCell isName place="lead">
                <code>{name}</code>
              </CardCell>
              <CardCell place="line">
                {value === ""
                  ? <span class="quiet">none</span>
                  : <bdi class={isSet ? undefined : "quiet"}>{value}</bdi>}
                {!isSet && value !== "" && <small>default</small>}
              </CardCell>
              <CardCell>
                <span class="quiet">{about}</span>
              </CardCell>
            </CardRow>
          ))}
        </tbody>
      </Cards>
    </Panel>
  );
}
