import type { JSX } from "preact";

/** Each kind of schedule: an example to type, and what it means. */
export const SCHEDULE_EXAMPLES: readonly (readonly [text: string, meaning: string])[] = [
  ["every 5m", "s, m, h or d; also every 1h30m"],
  ["hourly at :15", "a quarter past each hour"],
  ["daily at 09:00", "each day"],
  ["weekly on mon,fri at 09:00", "on these days"],
  ["monthly on 31 at 09:00", "or on last; a day the month lacks means its last"],
  ["once at 2030-01-31 09:00", "one single time"],
  ["cron */5 9-17 * * mon-fri", "five fields, or six with seconds first"],
  ["manual", "only when somebody starts it"],
];

/** The kinds of schedule, folded away until asked for. */
export function ScheduleHelp(): JSX.Element {
  return (
    <details>
      <summary>All forms of a schedule</summary>
      <ScheduleExamples />
    </details>
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
