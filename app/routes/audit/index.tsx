import { page } from "fresh";
import type { AuditEvent } from "@jobtrigger/shared/domain";
import { FILTER_MAX, readAuditFilter } from "@jobtrigger/shared/api";
import type { Page as PageOf } from "@jobtrigger/shared/store";
import { AuditCheckBox, type AuditCheckShown } from "../../components/AuditCheckBox.tsx";
import { AuditTable } from "../../components/AuditTable.tsx";
import { Empty } from "../../components/Empty.tsx";
import { FilterField } from "../../components/FilterField.tsx";
import { Page } from "../../components/Page.tsx";
import { Pager } from "../../components/Pager.tsx";
import { readTyped, statusOf } from "../../server/typed_filter.ts";
import { define } from "../../utils.ts";

const PAGE_EVENTS = 50;

interface Data {
  readonly events: PageOf<AuditEvent>;
  /** The filter as it was typed; see docs/filters.md. */
  readonly text: string;
  /** What is wrong with it; null: nothing. With half a filter the list would show what nobody asked for, so it shows nothing. */
  readonly problem: string | null;
  readonly check: AuditCheckShown;
}

/** Lists who changed what and who was denied it, newest first; the address holds filter and cursor. */
export const handler = define.handlers<Data>({
  async GET({ url, state: { portal, view } }) {
    const text = (url.searchParams.get("q") ?? "").trim().slice(0, FILTER_MAX);
    const cursor = url.searchParams.get("cursor");
    const { filter, problem } = readTyped(() => readAuditFilter(text, view));
    const events = problem === null
      ? await portal.store.audit.list({ limit: PAGE_EVENTS, ...filter, ...(cursor !== null && { cursor }) })
      : { items: [], next: null };
    return page({ events, text, problem, check: portal.auditCheck.state }, statusOf(problem));
  },
});

/** The audit list. */
export default define.page<typeof handler>(function AuditPage({ data, state, url }) {
  const { events, text, problem, check } = data;
  const isFiltered = url.search !== "";
  return (
    <Page title="Audit" verdict="Who changed what, and who was denied it; the newest first.">
      <section class="panel" aria-label="Events">
        <form method="get" action="/audit" class="filter oneline" role="search">
          <FilterField text={text} problem={problem} placeholder="actor:alice action:jobs.edit since:24h" />
          <button type="submit" class="button">Show</button>
        </form>
        {events.items.length > 0 && <AuditTable events={events.items} view={state.view} />}
        {events.items.length === 0 && problem === null && (
          <Empty
            icon={isFiltered ? "search" : "audit"}
            title={isFiltered ? "No event matches" : "Nobody has changed anything yet"}
            step={isFiltered
              ? <a class="button" href="/audit">Show all events</a>
              : <a class="button" href="/jobs">To the jobs</a>}
          >
            {isFiltered ? undefined : "Each change and each denial will stand here."}
          </Empty>
        )}
        <Pager url={url} next={events.next} />
      </section>
      <AuditCheckBox check={check} view={state.view} />
    </Page>
  );
});
