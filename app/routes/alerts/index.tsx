import { page } from "fresh";
import type { Incident } from "@jobtrigger/shared/domain";
import { listIncidents } from "@jobtrigger/shared/operations";
import type { Page as PageOf } from "@jobtrigger/shared/store";
import { Empty } from "../../components/Empty.tsx";
import { Incidents } from "../../components/Incidents.tsx";
import { Notice } from "../../components/Notice.tsx";
import { Page } from "../../components/Page.tsx";
import { Pager } from "../../components/Pager.tsx";
import { Seg } from "../../components/Seg.tsx";
import { operating } from "../../server/operating.ts";
import { define } from "../../utils.ts";

const PAGE_INCIDENTS = 50;

/** Lists incidents, the open ones unless the address says otherwise. */
export const handler = define.handlers<PageOf<Incident>>({
  async GET({ url, state }) {
    const cursor = url.searchParams.get("cursor");
    const query = { state: stateOf(url), limit: PAGE_INCIDENTS, ...(cursor !== null && { cursor }) };
    return page(await listIncidents(operating(state), query));
  },
});

function stateOf(url: URL): "open" | "closed" {
  return url.searchParams.get("state") === "closed" ? "closed" : "open";
}

/** What alert rules found broken. */
export default define.page<typeof handler>(function AlertsPage({ data: { items, next }, state, url }) {
  const isClosed = stateOf(url) === "closed";
  const mayAct = state.mayAnywhere("alerts.acknowledge");
  return (
    <Page
      title="Alerts"
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
        {items.length === 0
          ? (
            <Empty icon="check" title={isClosed ? "No incident has ended yet" : "No alert is open"}>
              Rules say when something counts as broken.
            </Empty>
          )
          : <Incidents incidents={items} mayAct={mayAct} view={state.view} />}
        <Pager url={url} next={next} />
      </section>
    </Page>
  );
});
