import type { FieldName } from "@jobtrigger/shared/api";
import type { JSX } from "preact";
import type { JobFields } from "../format/job_fields.ts";
import { DAYS, DRAWN_FROM, KINDS, PART_FIELDS, type ScheduleParts } from "../format/schedule_parts.ts";
import { Field, type FieldProps } from "./Field.tsx";
import { ScheduleHelp } from "./ScheduleHelp.tsx";

/** The schedule of a job's form. */
export interface ScheduleFieldsProps {
  readonly fields: JobFields;
  /** The parts of its text. */
  readonly parts: ScheduleParts;
  /** The zones that can be chosen, with the words that find them. */
  readonly zones: readonly { readonly zone: string; readonly words: string }[];
  /** Label, help and problem of a field. */
  readonly of: (name: FieldName) => Omit<FieldProps, "children">;
}

const MONTH_DAYS: readonly string[] = [...Array.from({ length: 31 }, (_, index) => String(index + 1)), "last"];

/**
 * When a job is due: buttons and fields that write the text, and the text itself. The sheet shows the fields of the chosen kind alone,
 * also without scripts.
 */
export function ScheduleFields({ fields, parts, zones, of }: ScheduleFieldsProps): JSX.Element {
  return (
    <div class="parts">
      <fieldset class="field">
        <legend class="sr">Kind of schedule</legend>
        <div class="seg boxed">
          {KINDS.map(([kind, label]) => (
            <label key={kind}>
              <input type="radio" name={PART_FIELDS.kind} value={kind} checked={parts.kind === kind} />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset class="field part for-weekly">
        <legend>Days</legend>
        <div class="seg boxed days">
          {DAYS.map(([day, label]) => (
            <label key={day}>
              <input type="checkbox" name={PART_FIELDS.days} value={day} checked={parts.days.includes(day)} />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="pair">
        <Field name={PART_FIELDS.at} label="Date and time" kinds="for-once">
          {(a) => <input {...a} type="datetime-local" step={1} max="9999-12-31T23:59:59" value={parts.at} />}
        </Field>
        <Field name={PART_FIELDS.every} label="Every" help="Such as 90s, 15m, 2h, 1d" kinds="for-interval">
          {(a) => <input {...a} value={parts.every} autocomplete="off" spellcheck={false} />}
        </Field>
        <Field name={PART_FIELDS.minute} label="Minute of the hour" help="0 to 59" kinds="for-hourly">
          {(a) => <input {...a} value={parts.minute} inputMode="numeric" autocomplete="off" />}
        </Field>
        <Field name={PART_FIELDS.day} label="Day" help="A day the month lacks means its last" kinds="for-monthly">
          {(a) => (
            <select {...a}>
              {MONTH_DAYS.map((day) => <option key={day} value={day} selected={parts.day === day}>{day}</option>)}
            </select>
          )}
        </Field>
        <Field
          name={PART_FIELDS.time}
          label="At"
          help="9, 9am and 09:00 are the same"
          kinds="for-daily for-weekly for-monthly"
        >
          {(a) => <input {...a} value={parts.time} autocomplete="off" spellcheck={false} />}
        </Field>
        <Field
          name={PART_FIELDS.expression}
          label="Expression"
          help="Minute, hour, day, month, weekday"
          kinds="for-cron"
        >
          {(a) => <input {...a} class="code" value={parts.expression} autocomplete="off" spellcheck={false} />}
        </Field>
        <Field {...of("timezone")} help="Type a city, or letters such as HKT">
          {(a) => <input {...a} value={fields.timezone} list="zones" autocomplete="off" spellcheck={false} />}
        </Field>
      </div>
      <datalist id="zones">
        {zones.map(({ zone, words }) => <option key={zone} value={zone} label={words} />)}
      </datalist>
      <input type="hidden" name={DRAWN_FROM} value={fields.schedule} />
      <Field {...of("schedule")} help="The buttons above write this. Every form of a schedule can be typed here.">
        {(a) => (
          <input
            {...a}
            class="code"
            value={fields.schedule}
            required
            placeholder="weekly on mon at 09:00"
            autocomplete="off"
            spellcheck={false}
          />
        )}
      </Field>
      <ScheduleHelp />
    </div>
  );
}
