import { page } from "fresh";
import type { Incident, IncidentId } from "@jobtrigger/shared/domain";
import { listIncidents } from "@jobtrigger/shared/operations";
import type { JSX } from "preact";
import { Empty } from "../../components/Empty.tsx";
import { Incidents } from "../../components/Incidents.tsx";
import { More } from "../../components/More.tsx";
import { Notice } from "../../components/Notice.tsx";
import { Page } from "../../components/Page.tsx";
import { Pager } from "../../components/Pager.tsx";
import { Seg } from "../../components/Seg.tsx";
import { takeableIncidents } from "../../server/alert_pages.ts";
import { operating } from "../../server/operating.ts";
import { define } from "../../utils.ts";

const PAGE_INCIDENTS = 50;

interface Data {
  readonly incidents: readonly Incident[];
  readonly next: string | null;
  /** Those that the reader may take on. */
  readonly takeable: ReadonlySet<IncidentId>;
}

/** Lists incidents, the open ones unless the address says otherwise. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const cursor = url.searchParams.get("cursor");
    const query = { state: stateOf(url), limit: PAGE_INCIDENTS, ...(cursor !== null && { cursor }) };
    const { items, next } = await listIncidents(operating(state), query);
    return page({ incidents: items, next, takeable: await takeableIncidents(state, items) });
  },
});

function stateOf(url: URL): "open" | "closed" {
  return url.searchParams.get("state") === "closed" ? "closed" : "open";
}

/** What the page says in one sentence. */
function verdictOf(
  incidents: readonly Incident[],
  { isClosed, isAll }: { readonly isClosed: boolean; readonly isAll: boolean },
): JSX.Element {
  if (isClosed) return <>What was broken and is over, newest first.</>;
  const taken = incidents.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length;
  if (incidents.length === 0) return <>Nothing that a rule watches is broken.</>;
  return (
    <>
      <b class="bad">{incidents.length}{isAll ? "" : " and more"} open</b>
      {taken === 0 ? ", none of them taken on." : `, ${taken} of them taken on.`}
    </>
  );
}

/** What alert rules found broken. */
export default define.page<typeof handler>(function AlertsPage({ data: { incidents, next, takeable }, state, url }) {
  const isClosed = stateOf(url) === "closed";
  return (
    <Page
      title="Alerts"
      verdict={<span data-live="alerts-verdict">{verdictOf(incidents, { isClosed, isAll: next === null })}</span>}
      actions={state.mayAnywhere("alerts.edit") && <a class="button" href="/alerts/rules">Rules</a>}
    >
      <Notice code={url.searchParams.get("notice")} />
      <Seg
        name="State"
        links={[
          { href: "/alerts", label: "Open", isCurrent: !isClosed },
          { href: "/alerts?state=closed", label: "Ended", isCurrent: isClosed },
        ]}
      />
      <section class="panel" aria-label="Incidents">
        <More caption={isClosed ? "Ended" : "Open"} />
        <div data-live="incidents" data-noun="incident">
          {incidents.length === 0
            ? (
              <Empty icon="check" title={isClosed ? "No incident has ended yet" : "No alert is open"}>
                Rules say when something counts as broken.
              </Empty>
            )
            : <Incidents incidents={incidents} takeable={takeable} view={state.view} />}
        </div>
        <Pager url={url} next={next} />
      </section>
    </Page>
  );
});
