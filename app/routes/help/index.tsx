import { page } from "fresh";
import type { JSX } from "preact";
import { Empty } from "../../components/Empty.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Page } from "../../components/Page.tsx";
import { Panel } from "../../components/Panel.tsx";
import { ScheduleExamples } from "../../components/ScheduleHelp.tsx";
import type { DocGroup } from "../../format/doc.ts";
import { type Found, readDocGroups, readDocs, searchDocs } from "../../server/help.ts";
import { define } from "../../utils.ts";

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["Ctrl", "K"], "find jobs, pages and actions; on a Mac ⌘ K. Also while typing"],
  [["?"], "this page"],
  [["/"], "the filter of a list"],
  [["g", "o"], "the overview"],
  [["g", "j"], "the jobs"],
  [["g", "r"], "the runs"],
  [["g", "t"], "the timeline"],
  [["g", "q"], "the queue"],
  [["g", "w"], "the workers"],
  [["g", "s"], "the statistics"],
  [["j"], "down a list"],
  [["k"], "up a list"],
  [["Enter"], "open what is marked"],
  [["e"], "edit the job, of the row or of the page"],
  [["r"], "run it now"],
  [["p"], "pause or resume it"],
  [["x"], "select it in the list"],
  [["n"], "show what is new in a list"],
  [["←", "→"], "in a chart: the bar before, the bar after; ↑ ↓ another row, Home and End the ends"],
];

/** Longest text that is looked for. */
const ASKED_MAX = 100;

interface Data {
  readonly groups: readonly DocGroup[];
  readonly asked: string;
  readonly found: readonly Found[];
  readonly hasMore: boolean;
}

/** Lists the documentation, or the parts of it that have the words of `?q=`. */
export const handler = define.handlers<Data>({
  async GET({ url }) {
    const asked = (url.searchParams.get("q") ?? "").trim().slice(0, ASKED_MAX);
    return page({ groups: await readDocGroups(), asked, ...searchDocs(await readDocs(), asked) });
  },
});

/** What a person may need to look up. */
export default define.page<typeof handler>(function HelpPage({ data, state }) {
  const { groups, asked } = data;
  return (
    <Page title="Help" verdict="The documentation of this version. It needs no other machine.">
      <form method="get" action="/help" role="search" class="row">
        <div class="search">
          <Icon name="search" />
          <input
            type="search"
            name="q"
            value={asked}
            maxLength={ASKED_MAX}
            aria-label="Find in the documentation"
            placeholder="Find in the documentation"
            data-filter
          />
        </div>
        <button type="submit" class="button">Find</button>
      </form>
      {asked !== "" && <Results {...data} />}
      <div class="split even">
        <div class="stack">
          {groups.map(({ title, entries }, i) => (
            <Panel key={title} id={`help-docs-${i}`} title={title}>
              <ul class="list short">
                {entries.map(({ href, title, about }) => (
                  <li key={href}>
                    <div>
                      <a class="name" href={href}>{title}</a>
                      {about !== "" && <small>{about}</small>}
                    </div>
                  </li>
                ))}
              </ul>
            </Panel>
          ))}
        </div>
        <div class="stack">
          <Panel
            id="help-keys"
            title="Keys"
            tools={
              <form method="post" action="/preferences">
                <input type="hidden" name="back" value="/help" />
                <button type="submit" name="keys" value={state.hasKeys ? "off" : "on"} class="button">
                  {state.hasKeys ? "Switch keys off" : "Switch keys on"}
                </button>
              </form>
            }
            isPadded
          >
            <dl class="facts one">
              {KEYS.map(([keys, what]) => (
                <div key={what}>
                  <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </Panel>
          <Panel id="help-schedules" title="Schedules" isPadded>
            <ScheduleExamples />
          </Panel>
        </div>
      </div>
    </Page>
  );
});

function Results({ asked, found, hasMore }: Data): JSX.Element {
  return (
    <Panel
      id="help-found"
      title={`Found: ${asked}`}
      tools={<a href="/help">Clear</a>}
      foot={hasMore && "There are more: add a word."}
    >
      {found.length === 0
        ? <Empty icon="search" title="No part of the documentation has all these words">Try fewer words.</Empty>
        : (
          <ul class="list short found">
            {found.map(({ doc, section, excerpt }) => (
              <li key={`${doc.slug}#${section.id}`}>
                <div>
                  <a class="name" href={`/help/docs/${doc.slug}${section.id === "" ? "" : `#${section.id}`}`}>
                    {doc.title}
                    {section.id !== "" && `: ${section.title}`}
                  </a>
                  <small>{excerpt.map((piece, i) => i % 2 === 0 ? piece : <mark key={i}>{piece}</mark>)}</small>
                </div>
              </li>
            ))}
          </ul>
        )}
    </Panel>
  );
}
