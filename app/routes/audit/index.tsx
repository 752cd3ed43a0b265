import { page } from "fresh";
import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  type AuditEvent,
  Invalid,
} from "@jobtrigger/shared/domain";
import { AUDIT_FILTERS, type AuditFilterFields, parseAuditFilter, type TypedAuditFilter } from "@jobtrigger/shared/api";
import type { Page as PageOf } from "@jobtrigger/shared/store";
import type { JSX } from "preact";
import { AuditCheckBox, type AuditCheckShown } from "../../components/AuditCheckBox.tsx";
import { AuditTable } from "../../components/AuditTable.tsx";
import { Page } from "../../components/Page.tsx";
import { Pager } from "../../components/Pager.tsx";
import { OUTCOME_WORDS } from "../../format/words.ts";
import { type Problems, problemsOf } from "../../server/problems.ts";
import { define } from "../../utils.ts";

const PAGE_EVENTS = 50;

interface Data {
  /** Null: the filter cannot be read. A list by half a filter would show what nobody asked for. */
  readonly events: PageOf<AuditEvent> | null;
  readonly typed: AuditFilterFields;
  readonly problems: Problems;
  readonly check: AuditCheckShown;
}

/** Lists who changed what and who was denied it, newest first; the address holds filter and cursor. */
export const handler = define.handlers<Data>({
  async GET({ url, state: { portal, view } }) {
    const typed = Object.fromEntries(AUDIT_FILTERS.map((name) => [name, url.searchParams.get(name) ?? ""]));
    const cursor = url.searchParams.get("cursor");
    const data = { typed, check: portal.auditCheck.state };
    let filter: TypedAuditFilter;
    try {
      filter = parseAuditFilter(typed, view);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return page({ ...data, events: null, problems: problemsOf(error) }, { status: 422 });
    }
    const events = await portal.store.audit.list({
      limit: PAGE_EVENTS,
      ...filter,
      ...(cursor !== null && { cursor }),
    });
    return page({ ...data, events, problems: {} });
  },
});

/** The audit list. */
export default define.page<typeof handler>(function AuditPage({ data, state, url }) {
  const { events, typed, problems, check } = data;
  return (
    <Page title="Audit">
      <FilterForm typed={typed} zone={state.view.zone} />
      {events === null ? <Unreadable problems={problems} /> : events.items.length === 0
        ? (
          <p class="empty">
            {url.search === ""
              ? "Nobody has changed anything yet: each change and each denial will stand here. "
              : "No event matches. "}
            {url.search === "" ? <a href="/jobs">To the jobs</a> : <a href="/audit">Show all events</a>}
          </p>
        )
        : <AuditTable events={events.items} view={state.view} />}
      {events !== null && <Pager url={url} next={events.next} />}
      <AuditCheckBox check={check} view={state.view} />
    </Page>
  );
});

function Unreadable({ problems }: { readonly problems: Problems }): JSX.Element {
  return (
    <div class="notice bad" role="alert">
      <p>The filter cannot be read, so no event is listed.</p>
      <ul>
        {Object.entries(problems).map(([name, problem]) => <li key={name}>{LABELS[name] ?? name}: {problem}</li>)}
      </ul>
    </div>
  );
}

const LABELS: Readonly<Record<string, string>> = {
  actor: "Who",
  action: "Action",
  outcome: "Outcome",
  subject: "About",
  subject_id: "Number",
  since: "Since",
  until: "Until",
};

function FilterForm({ typed, zone }: { readonly typed: AuditFilterFields; readonly zone: string }): JSX.Element {
  const time = `2026-11-01 or 09:00, in ${zone}`;
  return (
    <form method="get" action="/audit" class="filter" role="search">
      <Text name="actor" typed={typed} placeholder="Anybody" />
      <Choice name="action" typed={typed} words={AUDIT_ACTIONS.map((action) => [action, action])} />
      <Choice
        name="outcome"
        typed={typed}
        words={AUDIT_OUTCOMES.map((outcome) => [outcome, OUTCOME_WORDS[outcome].text])}
      />
      <Choice name="subject" typed={typed} words={AUDIT_SUBJECT_KINDS.map((kind) => [kind, kind])} />
      <Text name="subject_id" typed={typed} placeholder="Any" isNumber />
      <Text name="since" typed={typed} placeholder="Beginning" hint={time} />
      <Text name="until" typed={typed} placeholder="Now" hint={time} />
      <button type="submit" class="button">Show</button>
    </form>
  );
}

interface FilterProps {
  readonly name: typeof AUDIT_FILTERS[number];
  readonly typed: AuditFilterFields;
}

function Text(
  { name, typed, placeholder, hint, isNumber = false }: FilterProps & {
    readonly placeholder: string;
    readonly hint?: string;
    readonly isNumber?: boolean;
  },
): JSX.Element {
  return (
    <label title={hint}>
      <span>{LABELS[name]}</span>
      <input
        name={name}
        value={typed[name]}
        placeholder={placeholder}
        inputMode={isNumber ? "numeric" : undefined}
        autocomplete="off"
        spellcheck={false}
      />
    </label>
  );
}

function Choice(
  { name, typed, words }: FilterProps & { readonly words: readonly (readonly [value: string, text: string])[] },
): JSX.Element {
  return (
    <label>
      <span>{LABELS[name]}</span>
      <select name={name}>
        <option value="" selected={typed[name] === ""}>All</option>
        {words.map(([value, text]) => <option key={value} value={value} selected={typed[name] === value}>{text}
        </option>)}
      </select>
    </label>
  );
}
