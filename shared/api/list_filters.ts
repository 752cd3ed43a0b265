/**
 * The filters of each list: from the text to what the store's lists take.
 *
 * @module
 */
import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  type AuditAction,
  type AuditOutcome,
  type AuditSubjectKind,
  type DispatchStatus,
  type EpochMs,
  Invalid,
  JOB_STATES,
  type JobState,
  nearest,
  parseLabels,
  type Trigger,
  TRIGGERS,
} from "../domain/mod.ts";
import { readSince, readUntil } from "./bound.ts";
import { parseFilter } from "./filter.ts";
import type { WAIT_KINDS } from "./shown_run.ts";
import type { TimeContext } from "./typed_time.ts";

/** The fields of the filter of jobs. */
export const JOB_FILTER_FIELDS = ["state", "label", "job"] as const;
/** The fields of the filter of runs. */
export const RUN_FILTER_FIELDS = ["status", "job", "label", "worker", "trigger", "since", "until"] as const;
/** The fields of the filter of the queue. */
const QUEUE_FILTER_FIELDS = ["job", "label", "tag", "trigger", "reason"] as const;
/** The words for the reasons why a run waits, as people type them; the kinds that programs are shown stand beside them. */
const QUEUE_REASONS: Readonly<Record<string, typeof WAIT_KINDS[number]>> = {
  not_due: "until",
  no_worker: "no_worker",
  tags: "tags",
  key: "key",
  order: "serial_order",
  busy: "busy",
  next: "nothing",
  until: "until",
  serial_order: "serial_order",
  nothing: "nothing",
};
/** The fields of the filter of the audit list. */
const AUDIT_FILTER_FIELDS = ["actor", "action", "outcome", "subject", "since", "until"] as const;

/** The words for the states of a run, as people type them. */
export const STATUS_NAMES: Readonly<Record<string, DispatchStatus>> = {
  waiting: "PENDING",
  pending: "PENDING",
  running: "IN_PROGRESS",
  in_progress: "IN_PROGRESS",
  succeeded: "COMPLETED",
  completed: "COMPLETED",
  failed: "FAILED",
  timeout: "TIMEOUT",
  cancelled: "CANCELLED",
};

/** What a filter of jobs narrows to; see `JobQuery` of the store. */
export interface JobFilter {
  /** Part of the name, script path or key. */
  readonly search?: string;
  /** In one of these states. */
  readonly states?: readonly JobState[];
  /** With one label of each group. */
  readonly labels?: readonly (readonly string[])[];
  /** With one of these ids, keys or names; `*` stands for any text. */
  readonly jobs?: readonly string[];
}

/** What a filter of runs narrows to; see `RunQuery` of the store. */
export interface RunFilter {
  /** In one of these states. */
  readonly statuses?: readonly DispatchStatus[];
  /** Of jobs with one of these ids, keys or names; `*` stands for any text. */
  readonly jobs?: readonly string[];
  /** Of jobs with one label of each group. */
  readonly labels?: readonly (readonly string[])[];
  /** Claimed by one of these workers; `*` stands for any text. */
  readonly workers?: readonly string[];
  /** Caused by one of these. */
  readonly triggers?: readonly Trigger[];
  /** Made at or after this instant. */
  readonly since?: EpochMs;
  /** Made before this instant. */
  readonly until?: EpochMs;
}

/** What a filter of the queue narrows to. */
export interface QueueFilter {
  /** Of jobs with one of these ids, keys or names; `*` stands for any text. */
  readonly jobs?: readonly string[];
  /** Of jobs with one label of each group. */
  readonly labels?: readonly (readonly string[])[];
  /** That need a worker with one of these tags. */
  readonly tags?: readonly string[];
  /** Caused by one of these. */
  readonly triggers?: readonly Trigger[];
  /** That wait for one of these reasons. */
  readonly reasons?: readonly (typeof WAIT_KINDS[number])[];
}

/** What a filter of the audit list narrows to; see `AuditQuery` of the store. */
export interface AuditFilter {
  /** The exact name of the actor. */
  readonly actor?: string;
  /** What was done, or tried. */
  readonly action?: AuditAction;
  /** What became of it. */
  readonly outcome?: AuditOutcome;
  /** What it is about. */
  readonly subject?: { readonly kind: AuditSubjectKind; readonly id?: number };
  /** Not before this instant. */
  readonly since?: EpochMs;
  /** Before this instant. */
  readonly until?: EpochMs;
}

/** Reads a filter of jobs. @throws {Invalid} of the field `filter`. */
export function readJobFilter(text: string): JobFilter {
  const { words, ...fields } = fieldsOf(text, JOB_FILTER_FIELDS);
  const states = fields.all("state", (name) => oneOf("state", name, JOB_STATES));
  const labels = fields.groups("label", labelGroup);
  const jobs = fields.all("job", (name) => name);
  return {
    ...(words !== "" && { search: words }),
    ...(states !== undefined && { states: [...new Set(states)] }),
    ...(labels !== undefined && { labels }),
    ...(jobs !== undefined && { jobs }),
  };
}

/** Reads a filter of runs; words without a field are looked for in the names of their jobs. @throws {Invalid} of the field `filter`. */
export function readRunFilter(text: string, context: TimeContext): RunFilter {
  const { words, ...fields } = fieldsOf(text, RUN_FILTER_FIELDS);
  const jobs = jobsNamed(words, fields.all("job", (name) => name));
  const statuses = fields.all("status", statusNamed);
  const labels = fields.groups("label", labelGroup);
  const workers = fields.all("worker", (name) => name);
  const triggers = fields.all("trigger", (name) => oneOf("trigger", name, TRIGGERS));
  return {
    ...(statuses !== undefined && { statuses: [...new Set(statuses)] }),
    ...(jobs !== undefined && { jobs }),
    ...(labels !== undefined && { labels }),
    ...(workers !== undefined && { workers }),
    ...(triggers !== undefined && { triggers: [...new Set(triggers)] }),
    ...timesOf(fields, context),
  };
}

/** Reads a filter of the queue; words without a field are looked for in the names of jobs. @throws {Invalid} of the field `filter`. */
export function readQueueFilter(text: string): QueueFilter {
  const { words, ...fields } = fieldsOf(text, QUEUE_FILTER_FIELDS);
  const jobs = jobsNamed(words, fields.all("job", (name) => name));
  const labels = fields.groups("label", labelGroup);
  const tags = fields.all("tag", (name) => name);
  const triggers = fields.all("trigger", (name) => oneOf("trigger", name, TRIGGERS));
  const reasons = fields.all("reason", reasonNamed);
  return {
    ...(jobs !== undefined && { jobs }),
    ...(labels !== undefined && { labels }),
    ...(tags !== undefined && { tags }),
    ...(triggers !== undefined && { triggers: [...new Set(triggers)] }),
    ...(reasons !== undefined && { reasons: [...new Set(reasons)] }),
  };
}

function reasonNamed(name: string): typeof WAIT_KINDS[number] {
  const word = name.toLowerCase();
  const reason = Object.hasOwn(QUEUE_REASONS, word) ? QUEUE_REASONS[word] : undefined;
  if (reason !== undefined) return reason;
  throw new RangeError(
    `found ${JSON.stringify(name)}, expected not_due, no_worker, tags, key, order, busy or next: why the run waits`,
  );
}

/** The jobs that `job:` names, or those whose names have the words that stand alone. @throws {Invalid} when there are both. */
function jobsNamed(words: string, named: readonly string[] | undefined): readonly string[] | undefined {
  if (named !== undefined && words !== "") {
    throw wrong(`found words beside "job:"; write job:"*${words}*" to look for them in the name of the job`);
  }
  return words === "" ? named : [`*${words}*`];
}

/** Reads a filter of the audit list. @throws {Invalid} of the field `filter`. */
export function readAuditFilter(text: string, context: TimeContext): AuditFilter {
  const { words, ...fields } = fieldsOf(text, AUDIT_FILTER_FIELDS);
  if (words !== "") throw wrong(`found "${words}" without a field; write actor:${words} for a name`);
  const actor = fields.one("actor", (name) => name);
  const action = fields.one("action", (name) => oneOf("action", name, AUDIT_ACTIONS));
  const outcome = fields.one("outcome", (name) => oneOf("outcome", name, AUDIT_OUTCOMES));
  const subject = fields.one("subject", subjectNamed);
  return {
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { outcome }),
    ...(subject !== undefined && { subject }),
    ...timesOf(fields, context),
  };
}

/** What a filter and other parameters narrow to together. @throws {Invalid} when both narrow by the same. */
export function narrowedBy<Query extends object, Other extends object>(filter: Query, other: Other): Query & Other {
  const both = Object.keys(filter).find((name) => Object.hasOwn(other, name));
  if (both === undefined) return { ...filter, ...other };
  throw wrong(`it narrows by ${both}, as another parameter does; expected one of the two`);
}

/** Labels with commas between them, as they are stored: a group of which one must hold. @throws {Invalid} that names `field`. */
export function readLabels(text: string, field: string): readonly string[] {
  try {
    return labelGroup(text.split(","));
  } catch (error) {
    if (error instanceof RangeError) throw new Invalid([{ field, message: error.message }]);
    throw error;
  }
}

function labelGroup(texts: readonly string[]): readonly string[] {
  const labels = parseLabels(texts);
  if (labels.length === 0) throw new RangeError(`found ${JSON.stringify(texts.join(","))}, expected a label`);
  return labels;
}

/** The values of the fields of a filter, by how often a field may stand there. */
interface Fields<Field extends string> {
  /** The values of a field that stands there once; absent: it does not. */
  all<Value>(field: Field, read: (value: string) => Value): readonly Value[] | undefined;
  /** The one value of a field that stands there once. */
  one<Value>(field: Field, read: (value: string) => Value): Value | undefined;
  /** The values of each time that a field stands there. */
  groups<Value>(field: Field, read: (values: readonly string[]) => Value): readonly Value[] | undefined;
}

function fieldsOf<Field extends string>(
  text: string,
  names: readonly Field[],
): Fields<Field> & { readonly words: string } {
  const { words, terms } = parseFilter(text, names);
  const valuesOf = (field: Field) => terms.filter((term) => term.field === field).map(({ values }) => values);
  const once = (field: Field) => {
    const [values, another] = valuesOf(field);
    if (another === undefined) return values;
    throw wrong(`"${field}:" stands there twice; write ${field}:one,other for either of two`);
  };
  return {
    words,
    all: (field, read) => once(field)?.map((value) => reading(field, () => read(value))),
    one: (field, read) => {
      const values = once(field);
      const [value] = values ?? [];
      if (value === undefined) return undefined;
      if (values?.length === 1) return reading(field, () => read(value));
      throw wrong(`"${field}:" takes one value, found ${values?.length}`);
    },
    groups: (field, read) => {
      const groups = valuesOf(field);
      return groups.length === 0 ? undefined : groups.map((values) => reading(field, () => read(values)));
    },
  };
}

function timesOf(
  fields: Pick<Fields<"since" | "until">, "one">,
  context: TimeContext,
): { readonly since?: EpochMs; readonly until?: EpochMs } {
  const since = fields.one("since", (text) => readSince(text, context));
  const until = fields.one("until", (text) => readUntil(text, context));
  return { ...(since !== undefined && { since }), ...(until !== undefined && { until }) };
}

function statusNamed(name: string): DispatchStatus {
  const names = Object.keys(STATUS_NAMES);
  const status = Object.hasOwn(STATUS_NAMES, name.toLowerCase()) ? STATUS_NAMES[name.toLowerCase()] : undefined;
  if (status !== undefined) return status;
  throw new RangeError(`found ${JSON.stringify(name)}, ${meant(name, names)}`);
}

/** `job`, or `job/12`. */
function subjectNamed(text: string): NonNullable<AuditFilter["subject"]> {
  const [, name = text, id] = /^([^/]*)\/([1-9]\d{0,14})$/.exec(text) ?? [];
  const kind = oneOf("subject", name, AUDIT_SUBJECT_KINDS);
  return { kind, ...(id !== undefined && { id: Number(id) }) };
}

function oneOf<Choice extends string>(field: string, name: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((known) => known === name.toLowerCase());
  if (choice !== undefined) return choice;
  throw new RangeError(`found ${JSON.stringify(name)} as the ${field}, ${meant(name, choices)}`);
}

function meant(name: string, choices: readonly string[]): string {
  const near = nearest(name, choices);
  return near === null ? `expected ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}` : `did you mean ${near}?`;
}

function reading<Value>(field: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw wrong(`"${field}:": ${error.message}`);
    throw error;
  }
}

function wrong(message: string): Invalid {
  return new Invalid([{ field: "filter", message }]);
}
