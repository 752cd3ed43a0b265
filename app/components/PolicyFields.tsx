import type { ComponentChildren, JSX } from "preact";
import { FIELD_LABELS, type FieldName, type JobFields } from "../format/job_fields.ts";
import { Field } from "./Field.tsx";

/** What the fields of policies are drawn from. */
export interface PolicyFieldsProps {
  readonly fields: JobFields;
  readonly problems: Readonly<Partial<Record<FieldName, string>>>;
  /** What a job has that says nothing: a group in which all is so stays folded. */
  readonly usual: JobFields;
  /** What an empty number of retries means. */
  readonly maxRetries: number;
}

/** A folded part of the form: its title, what it is about, and its rows of fields. */
interface Group {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly (readonly Input[])[];
}

/** A field, its help, and what can be chosen or how it is typed. */
interface Input {
  readonly name: FieldName;
  readonly help?: string;
  readonly options?: readonly (readonly [value: string, text: string])[];
  readonly isNumber?: boolean;
}

const GROUPS: readonly Group[] = [
  {
    title: "When it is late",
    about: "what becomes of times at which no scheduler was running",
    rows: [
      [{
        name: "misfire",
        options: [
          ["run_latest", "Only the latest one runs, late"],
          ["run_all", "Each runs late, oldest first"],
          ["skip", "None runs"],
        ],
      }],
      [
        { name: "misfire_grace", help: "Such as 90, 5m or 1h30m; empty: 60 seconds." },
        { name: "misfire_limit", help: "Runs, when each runs late; empty: 100.", isNumber: true },
        { name: "catchup_window", help: "Such as 12h or 2d; empty: however old." },
      ],
    ],
  },
  {
    title: "When it overlaps",
    about: "what happens while an earlier run goes on",
    rows: [[{
      name: "overlap",
      options: [
        ["skip", "It does not run"],
        ["queue_one", "It waits; a second one does not run"],
        ["queue_all", "It waits in line, up to 100 of them"],
        ["cancel_running", "The earlier run is cancelled for it"],
        ["allow", "It runs beside it"],
      ],
    }]],
  },
  {
    title: "Retries",
    about: "after a failure, a timeout or the loss of a worker",
    rows: [[
      { name: "max_retries", help: "0 for none; empty: as the workers are set.", isNumber: true },
      { name: "retry_base", help: "Such as 30 or 5m; each further one doubles it. Empty: 10 seconds." },
      { name: "retry_cap", help: "Such as 90, 5m or 1h30m; empty: 1 hour." },
    ]],
  },
  {
    title: "Where it runs",
    about: "tags, shared key, priority",
    rows: [
      [
        { name: "tags", help: "With commas between: only a worker with all of them runs it. Empty: any worker." },
        { name: "priority", help: "−1000 to 1000; of runs that wait, the higher goes first. Empty: 0." },
      ],
      [
        { name: "concurrency_key", help: "Runs of all jobs with the same key share its places." },
        { name: "concurrency_limit", help: "More of them wait. Empty: 1.", isNumber: true },
      ],
    ],
  },
  {
    title: "Validity and spread",
    about: "from when, until when, and not all at once",
    rows: [
      [
        { name: "starts_at", help: "Such as 2026-12-01 09:00, in the job's zone." },
        { name: "ends_at", help: "Such as 2027-01-31 18:00, in the job's zone." },
      ],
      [{
        name: "spread",
        help:
          "Such as 90 or 5m: the most by which each start is moved, always by as much, so that jobs due at once do not start at once.",
      }],
    ],
  },
  {
    title: "Clock changes",
    about:
      "intervals follow elapsed time; repeating patterns run in both passes, and once for hours that a gap swallows",
    rows: [[
      { name: "gap", options: [["after", "Run right after the gap"], ["skip", "Skip that day"]] },
      {
        name: "fold",
        options: [["first", "Run the first time"], ["second", "Run the second time"], ["both", "Run both times"]],
      },
    ]],
  },
];

/** The policies of a job, folded into groups; one is open when something in it is unusual or wrong. */
export function PolicyFields(props: PolicyFieldsProps): JSX.Element {
  return (
    <div class="groups">
      {GROUPS.map((group) => <PolicyGroup key={group.title} group={group} {...props} />)}
    </div>
  );
}

function PolicyGroup({ group, ...props }: PolicyFieldsProps & { readonly group: Group }): JSX.Element {
  const { fields, problems, usual } = props;
  const isOpen = group.rows.flat().some(({ name }) =>
    problems[name] !== undefined || (fields[name].trim() !== "" && fields[name] !== usual[name])
  );
  return (
    <details open={isOpen}>
      <summary>
        <strong>{group.title}</strong> <span class="quiet">{group.about}</span>
      </summary>
      {group.rows.map((row) => (
        <div key={row[0]?.name} class="pair">
          {row.map((input) => <PolicyField key={input.name} input={input} {...props} />)}
        </div>
      ))}
    </details>
  );
}

function PolicyField(
  { input, fields, problems, maxRetries }: PolicyFieldsProps & { readonly input: Input },
): JSX.Element {
  const { name, options, isNumber = false } = input;
  const help = name === "max_retries" ? `0 for none; empty: ${maxRetries}.` : input.help;
  return (
    <Field name={name} label={FIELD_LABELS[name]} problem={problems[name]} help={help}>
      {(a): ComponentChildren =>
        options === undefined
          ? (
            <input
              {...a}
              value={fields[name]}
              inputMode={isNumber ? "numeric" : undefined}
              autocomplete="off"
              spellcheck={false}
            />
          )
          : (
            <select {...a}>
              {options.map(([value, text]) => (
                <option key={value} value={value} selected={fields[name] === value}>{text}</option>
              ))}
            </select>
          )}
    </Field>
  );
}
