import type { JSX } from "preact";
import { Fold } from "./Fold.tsx";

/** Examples of each kind of schedule and of cron's special forms, and their meaning. */
const SCHEDULE_EXAMPLES: readonly (readonly [text: string, meaning: string])[] = [
  ["every 5m", "s, m, h or d; also every 1h30m, or every 90 for seconds"],
  ["hourly at :15", "a quarter past each hour"],
  ["daily at 09:00", "each day; also daily at 9, at 9:30 pm, every day at noon"],
  ["weekly on mon,fri at 09:00", "on these days; also every monday at 9, weekdays at 9"],
  ["monthly on 31 at 09:00", "or on last; a day the month lacks means its last"],
  ["once at 2030-01-31 09:00", "one single time"],
  ["cron */5 9-17 * * mon-fri", "five fields, or six with seconds first"],
  ["cron 0 22-2/2 * * fri-mon", "ranges may go over the end, with steps"],
  ["cron 0 9 L-3 * *", "3 days before the month's last; also L, LW, L-2W, 15W, and for weekdays fri#2, friL"],
  ["cron 0 9 13 * fri", "both days given: either matches"],
  ["cron 0 9 1-7 * */7", "both days given, one begins with *: both must match, here the first Sunday"],
  ["@daily", "or @hourly, @weekly, @monthly, @yearly, @midnight, @annually"],
  ["manual", "only when somebody starts it"],
];

/** The kinds of schedule, folded. */
export function ScheduleHelp(): JSX.Element {
  return (
    <Fold title="All forms of a schedule">
      <ScheduleExamples />
    </Fold>
  );
}

/** The kinds of schedule as a list. */
export function ScheduleExamples(): JSX.Element {
  return (
    <dl class="examples">
      {SCHEDULE_EXAMPLES.map(([text, meaning]) => (
        <div key={text}>
          <dt>
            <code>{text}</code>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
