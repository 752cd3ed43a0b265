import { page } from "fresh";
import { type EpochMs, epochMs } from "@jobtrigger/shared/domain";
import { isoUtc } from "@jobtrigger/shared/time";
import type { JSX } from "preact";
import { Empty } from "../../components/Empty.tsx";
import { Note } from "../../components/Note.tsx";
import { Page } from "../../components/Page.tsx";
import { Panel } from "../../components/Panel.tsx";
import { clockTime, wholeNumber } from "../../format/clock.ts";
import type { View } from "../../format/view.ts";
import { type MonthPlan, planMonth } from "../../server/month_plan.ts";
import { visibleTo } from "../../server/visible.ts";
import { define } from "../../utils.ts";

const HOUR_MS = 3_600_000;

interface Data {
  /** Of the first day, in the reader's zone. */
  readonly month: Temporal.PlainYearMonth;
  /** Null: the month is over. */
  readonly plan: MonthPlan | null;
}

/** What is planned in each hour of a month; the address holds the month. */
export const handler = define.handlers<Data>({
  async GET({ url, state }) {
    const { view, portal: { store } } = state;
    const month = monthOf(url.searchParams.get("month"), view);
    const hours = hoursOf(month, view);
    if (hours === null) return page({ month, plan: null });
    const { visible } = visibleTo(state, "jobs.read");
    const plan = await planMonth(store, { hours, visible, now: view.now, elapsed: () => performance.now() });
    return page({ month, plan });
  },
});

function monthOf(text: string | null, { now, zone }: View): Temporal.PlainYearMonth {
  const present = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate().toPlainYearMonth();
  return text !== null && /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? Temporal.PlainYearMonth.from(text) : present;
}

/** The whole hours of a month that are still to come; null: none. */
function hoursOf(month: Temporal.PlainYearMonth, { now, zone }: View): { from: EpochMs; until: EpochMs } | null {
  const begin = (one: Temporal.PlainYearMonth) => one.toPlainDate({ day: 1 }).toZonedDateTime(zone).epochMilliseconds;
  const [start, end] = [begin(month), begin(month.add({ months: 1 }))];
  const from = start >= now ? start : start + Math.ceil((now - start) / HOUR_MS) * HOUR_MS;
  // A zone whose offset changes by half an hour in the month leaves half an hour at its end.
  const count = Math.floor((end - from) / HOUR_MS);
  return count <= 0 ? null : { from: epochMs(from), until: epochMs(from + count * HOUR_MS) };
}

/** A cell: the hours that clocks show as one hour of a day. */
interface Cell {
  readonly at: EpochMs;
  readonly until: EpochMs;
  readonly count: number;
}

/** The calendar. */
export default define.page<typeof handler>(function MonthPage({ data: { month, plan }, state: { view } }) {
  const link = (one: Temporal.PlainYearMonth) => `/timeline/month?month=${one.toString()}`;
  const name = month.toPlainDate({ day: 1 }).toLocaleString("en-GB", { month: "long", year: "numeric" });
  const total = plan?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
  return (
    <Page
      title={name}
      crumbs={[["/timeline", "Timeline"]]}
      verdict={plan === null ? <span>This month is over.</span> : (
        <span>
          <b>{wholeNumber(total)} runs are planned</b> by {wholeNumber(plan.jobs)} active jobs
          {plan.isDone ? "" : " so far"}, from the next full hour on, {view.zone}; counted at{" "}
          {clockTime(plan.countedAt, view.zone)}.
        </span>
      )}
      actions={
        <>
          <a class="button" href={link(month.subtract({ months: 1 }))}>Month before</a>
          <a class="button" href={link(month.add({ months: 1 }))}>Month after</a>
        </>
      }
    >
      {plan !== null && !plan.isDone && (
        <Note
          tone="warn"
          what={`${wholeNumber(plan.jobs)} jobs are counted so far, and more are to come.`}
          step={<a class="button primary" href={link(month)}>Count on</a>}
          role={null}
        />
      )}
      {plan === null
        ? (
          <Empty
            icon="timeline"
            title="This month is over"
            step={<a class="button" href="/timeline/month">To this month</a>}
          >
            The calendar shows what is planned. Runs and statistics show what happened.
          </Empty>
        )
        : <Heat plan={plan} view={view} />}
    </Page>
  );
});

function Heat({ plan, view }: { readonly plan: MonthPlan; readonly view: View }): JSX.Element {
  const days = daysOf(plan, view.zone);
  const most = Math.max(1, ...[...days.values()].flatMap((cells) => [...cells.values()].map(({ count }) => count)));
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return (
    <Panel
      title="Planned runs by day and hour"
      id="heat"
      foot="A darker cell has more runs. Each leads to its hour in the timeline; arrow keys move between them."
    >
      <div class="heat-box" role="group" aria-labelledby="heat-title" tabIndex={0}>
        <table class="heat" aria-labelledby="heat-title">
          <thead>
            <tr>
              <th scope="col">Day</th>
              {hours.map((hour) => <th key={hour} scope="col">{String(hour).padStart(2, "0")}</th>)}
              <th scope="col">All</th>
            </tr>
          </thead>
          <tbody>
            {[...days].map(([day, cells]) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {hours.map((hour) => <HeatCell key={hour} cell={cells.get(hour)} most={most} />)}
                <td class="num">{wholeNumber([...cells.values()].reduce((sum, { count }) => sum + count, 0))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function HeatCell({ cell, most }: { readonly cell: Cell | undefined; readonly most: number }): JSX.Element {
  if (cell === undefined) return <td />;
  const level = Math.ceil(4 * cell.count / most);
  const href = `/timeline?from=${isoUtc(cell.at)}&to=${isoUtc(cell.until)}`;
  return (
    <td class={level === 0 ? undefined : `h${level}`}>
      {cell.count > 0 && <a href={href}>{shortNumber(cell.count)}</a>}
    </td>
  );
}

/** A count in at most four characters: `950`, `1.2k`, `39k`. Cut, not rounded, so that it never says more than there is. */
function shortNumber(count: number): string {
  if (count < 1000) return String(count);
  return count < 10_000 ? `${Math.floor(count / 100) / 10}k` : `${Math.floor(count / 1000)}k`;
}

function daysOf({ from, counts }: MonthPlan, zone: string): ReadonlyMap<string, ReadonlyMap<number, Cell>> {
  const days = new Map<string, Map<number, Cell>>();
  for (const [index, count] of counts.entries()) {
    const at = epochMs(from + index * HOUR_MS);
    const shown = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
    const day = shown.toPlainDate().toLocaleString("en-GB", { weekday: "short", day: "numeric" });
    const cells = days.get(day) ?? new Map<number, Cell>();
    const before = cells.get(shown.hour);
    cells.set(shown.hour, {
      at: before?.at ?? at,
      until: epochMs(at + HOUR_MS),
      count: (before?.count ?? 0) + count,
    });
    days.set(day, cells);
  }
  return days;
}
