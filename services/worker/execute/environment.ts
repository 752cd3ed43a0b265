import { type DispatchId, type EpochMs, Invalid, type JobId, type Problem } from "@jobtrigger/shared/domain";
import { checkEnvName } from "@jobtrigger/shared/scripts";

/** The facts of its run that a script gets. */
export interface ScriptFacts {
  readonly jobId: JobId;
  readonly jobName: string;
  readonly dispatchId: DispatchId;
  readonly scheduledFor: EpochMs;
  /** 0 for the first attempt, as in the dispatch; the script's ATTEMPT counts from 1. */
  readonly retryCount: number;
  readonly correlationId: string;
  /** Which trace the script belongs to (W3C Trace Context); null or absent: none. */
  readonly traceparent?: string | null;
  /** IANA zone of the job: the script's TZ. */
  readonly timezone: string;
}

/** The part of a script's environment that does not depend on its job: user, PATH, language. */
export interface BaseEnvironment {
  readonly PATH: string;
  readonly HOME: string;
  readonly LANG: string;
  /** USER, LOGNAME and SHELL of the user as whom scripts run; null where the system knows no such names. */
  readonly user: { readonly name: string; readonly shell: string } | null;
}

/**
 * All of a script's environment: the base, the job's zone as TZ, the facts of the run, and what the job declares, which may
 * replace LANG, TZ and PYTHONUNBUFFERED (which has Python print without delay). SCHEDULED_FOR is ISO 8601 in UTC.
 *
 * @throws {Invalid} when the job declares a name that {@linkcode checkEnvName} refuses, or a value with a NUL.
 */
export function scriptEnvironment(
  facts: ScriptFacts,
  declared: Readonly<Record<string, string>>,
  { PATH, HOME, LANG, user }: BaseEnvironment,
): Record<string, string> {
  const problems = Object.entries(declared).flatMap(([name, value]): Problem[] => {
    const message = checkEnvName(name) ?? (value.includes("\0") ? `The value of ${name} must not contain NUL` : null);
    return message === null ? [] : [{ field: `env.${name}`, message, code: "invalid" as const }];
  });
  if (problems.length > 0) throw new Invalid(problems);

  return {
    PATH,
    HOME,
    ...user === null ? {} : { USER: user.name, LOGNAME: user.name, SHELL: user.shell },
    LANG,
    TZ: facts.timezone,
    PYTHONUNBUFFERED: "1",
    JOB_ID: String(facts.jobId),
    JOB_NAME: facts.jobName,
    DISPATCH_ID: String(facts.dispatchId),
    SCHEDULED_FOR: new Date(facts.scheduledFor).toISOString(),
    ATTEMPT: String(facts.retryCount + 1),
    CORRELATION_ID: facts.correlationId,
    ...facts.traceparent == null ? {} : { TRACEPARENT: facts.traceparent },
    ...declared,
  };
}
