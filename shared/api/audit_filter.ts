import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  AUDIT_SUBJECT_KINDS,
  type AuditAction,
  type AuditFault,
  type AuditOutcome,
  type AuditSubjectKind,
  type EpochMs,
  epochMs,
  Invalid,
  nearest,
  type Problem,
} from "../domain/mod.ts";
import { readBound } from "./bound.ts";
import type { TimeContext } from "./typed_time.ts";

/** The filters of the audit list, by the names that they have in addresses and flags. */
export const AUDIT_FILTERS = ["actor", "action", "outcome", "subject", "subject_id", "since", "until"] as const;

/** What was typed; what is absent or empty filters nothing. */
export type AuditFilterFields = Readonly<Partial<Record<typeof AUDIT_FILTERS[number], string | undefined>>>;

/** Which events are wanted, as the store takes it. */
export interface TypedAuditFilter {
  /** The name of the actor, exactly. */
  readonly actor?: string;
  /** What was done, or tried. */
  readonly action?: AuditAction;
  /** All of one kind, or one by its id. */
  readonly subject?: { readonly kind: AuditSubjectKind; readonly id?: number };
  /** What became of it. */
  readonly outcome?: AuditOutcome;
  /** Not before this instant. */
  readonly since?: EpochMs;
  /** Before this instant. */
  readonly until?: EpochMs;
}

/** Reads the filters of the audit list as people type them; a day or a minute counts whole. @throws {Invalid} that names each wrong one. */
export function parseAuditFilter(fields: AuditFilterFields, context: TimeContext): TypedAuditFilter {
  const problems: Problem[] = [];
  const typed = (name: typeof AUDIT_FILTERS[number]) => fields[name]?.trim() || null;
  const oneOf = <Word extends string>(name: "action" | "outcome" | "subject", words: readonly Word[]): Word | null => {
    const text = typed(name);
    const word = words.find((one) => one === text);
    if (text === null || word !== undefined) return word ?? null;
    const guess = nearest(text, words);
    const meant = guess === null ? `expected one of ${words.join(", ")}` : `did you mean ${guess}?`;
    problems.push({ field: name, message: `found ${JSON.stringify(text.slice(0, 80))}, ${meant}`, code: "unknown" });
    return null;
  };
  const bound = (name: "since" | "until") => {
    const text = typed(name);
    try {
      return text === null ? null : readBound(text, context);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push({ field: name, message: error.message, code: "invalid" });
      return null;
    }
  };
  const actor = typed("actor");
  const [action, outcome, kind] = [
    oneOf("action", AUDIT_ACTIONS),
    oneOf("outcome", AUDIT_OUTCOMES),
    oneOf("subject", AUDIT_SUBJECT_KINDS),
  ];
  const [since, until] = [bound("since"), bound("until")];
  const id = typed("subject_id");
  if (id !== null && !/^[1-9]\d{0,14}$/.test(id)) {
    const message = `found ${JSON.stringify(id.slice(0, 80))}, expected the number of a job, a run, a user or the like`;
    problems.push({ field: "subject_id", message, code: "invalid" });
  } else if (id !== null && typed("subject") === null) {
    problems.push({ field: "subject_id", message: "it needs a subject that it is the number of", code: "conflict" });
  }
  if (problems.length > 0) throw new Invalid(problems);
  return {
    ...(actor !== null && { actor }),
    ...(action !== null && { action }),
    ...(outcome !== null && { outcome }),
    ...(kind !== null && { subject: { kind, ...(id !== null && { id: Number(id) }) } }),
    ...(since !== null && { since: since.from }),
    ...(until !== null && { until: epochMs(until.until + 1) }),
  };
}

/** In a sentence how an audit list is not what was written. */
export function auditFaultText(id: number, fault: AuditFault): string {
  const texts: Readonly<Record<AuditFault, string>> = {
    changed: `Event ${id} was changed after it was written`,
    missing: `Event ${id} is missing: it was removed`,
    inserted: `Event ${id} was inserted`,
    unlinked: `Event ${id} does not follow from event ${id - 1}: one of the two was replaced`,
  };
  return `The audit list is not intact. ${texts[fault]}`;
}
