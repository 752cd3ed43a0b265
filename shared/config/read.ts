import type { z } from "zod";
import { Invalid, type Problem } from "../domain/errors.ts";
import type { Config } from "./config.ts";
import { oidcChecks } from "./oidc_variables.ts";
import { VARIABLES } from "./variables.ts";

/** Looks up an environment variable. */
export type Env = (name: string) => string | undefined;

/** What a scheduler reads. The permission lists in `deno.json` name the same. */
export const SCHEDULER_KEYS = [
  "databaseUrl",
  "schedulerPollMs",
  "schedulerHealthPort",
  "dispatchLockMs",
  "timeoutThresholdMs",
  "maxRetries",
  "retentionDays",
  "retentionRunsPerJob",
  "auditRetentionDays",
  "statisticsRetentionDays",
  "workerOfflineMs",
  "logFormat",
  "logLevel",
] as const;

/** What a worker reads. */
export const WORKER_KEYS = [
  "databaseUrl",
  "workerPollMs",
  "workerMaxPollMs",
  "workerHealthPort",
  "heartbeatMs",
  "workerOfflineMs",
  "jobTimeoutMs",
  "maxRetries",
  "concurrency",
  "tags",
  "drainMs",
  "killGraceMs",
  "scriptUser",
  "logMaxBytes",
  "scriptsDirs",
  "logFormat",
  "logLevel",
] as const;

/** What a notifier reads. */
export const NOTIFIER_KEYS = [
  "databaseUrl",
  "allowedHosts",
  "notifierHealthPort",
  "publicUrl",
  "logFormat",
  "logLevel",
] as const;

/** What the portal reads. */
export const WEB_KEYS = [
  "databaseUrl",
  "host",
  "port",
  "publicUrl",
  "trustedProxies",
  "proxyUserHeader",
  "proxySecret",
  "proxyUserRole",
  "oidcIssuer",
  "oidcClientId",
  "oidcClientSecret",
  "oidcName",
  "oidcScopes",
  "oidcUserClaim",
  "oidcGroupsClaim",
  "oidcRoles",
  "oidcDefaultRole",
  "oidcHosts",
  "scriptsDirs",
  "apiPerMinute",
  "metricsToken",
  "corsOrigins",
  "displayTimezone",
  "maxRetries",
  "jobTimeoutMs",
  "logFormat",
  "logLevel",
] as const;

/** What jobctl reads. */
export const JOBCTL_KEYS = [
  "databaseUrl",
  "portalUrl",
  "portalToken",
  "allowsHttp",
  "caFile",
  "scriptsDirs",
  "displayTimezone",
] as const;

/** The settings of a scheduler. */
export type SchedulerConfig = Pick<Config, typeof SCHEDULER_KEYS[number]>;
/** The settings of a worker. */
export type WorkerConfig = Pick<Config, typeof WORKER_KEYS[number]>;
/** The settings of a notifier. */
export type NotifierConfig = Pick<Config, typeof NOTIFIER_KEYS[number]>;
/** The settings of the portal. */
export type WebConfig = Pick<Config, typeof WEB_KEYS[number]>;
/** The settings of jobctl. */
export type JobctlConfig = Pick<Config, typeof JOBCTL_KEYS[number]>;

/** Reads a scheduler's settings. @throws {Invalid} with all problems. */
export function schedulerConfig(env: Env): SchedulerConfig {
  return read(SCHEDULER_KEYS, env);
}

/** Reads a worker's settings. @throws {Invalid} with all problems. */
export function workerConfig(env: Env): WorkerConfig {
  return read(WORKER_KEYS, env);
}

/** Reads a notifier's settings. @throws {Invalid} with all problems. */
export function notifierConfig(env: Env): NotifierConfig {
  return read(NOTIFIER_KEYS, env);
}

/** Reads the portal's settings. @throws {Invalid} with all problems. */
export function webConfig(env: Env): WebConfig {
  return read(WEB_KEYS, env);
}

/** Reads jobctl's settings. @throws {Invalid} with all problems. */
export function jobctlConfig(env: Env): JobctlConfig {
  return read(JOBCTL_KEYS, env);
}

/** Reads the zone in which people read times, for what needs no other setting. @throws {Invalid} */
export function displayTimezone(env: Env): string {
  return read(["displayTimezone"], env).displayTimezone;
}

/**
 * Reads all settings at once, for `migrate` and for checking a machine's whole environment.
 * @throws {Invalid} with all problems.
 */
export function wholeConfig(env: Env): Config {
  return read(Object.keys(VARIABLES) as (keyof Config)[], env);
}

function read<Key extends keyof Config>(keys: readonly Key[], env: Env): Pick<Config, Key> {
  const problems: Problem[] = [];
  const values: Partial<Record<keyof Config, unknown>> = {};
  const isSet = (key: keyof Config) => valueOf(key, env) !== undefined;
  for (const key of keys) {
    const variable = VARIABLES[key];
    const found = valueOf(key, env);
    const result = variable.schema().safeParse(found?.value ?? variable.fallback);
    if (result.success) values[key] = result.data;
    else {problems.push({
        field: found?.name ?? variable.name,
        message: complaint(key, found?.value, result.error),
        code: "invalid",
      });}
  }
  const config = values as Partial<Config>;
  if (problems.length === 0) problems.push(...crossChecks(config, isSet));
  if (problems.length > 0) throw new Invalid(problems);
  const { heartbeatMs, workerOfflineMs, workerPollMs, workerMaxPollMs } = config;
  if (heartbeatMs !== undefined && workerOfflineMs !== undefined && !isSet("heartbeatMs")) {
    values.heartbeatMs = Math.min(heartbeatMs, Math.floor(workerOfflineMs / 3));
  }
  if (workerPollMs !== undefined && workerMaxPollMs !== undefined && !isSet("workerMaxPollMs")) {
    values.workerMaxPollMs = Math.max(workerPollMs, workerMaxPollMs);
  }
  return values as Pick<Config, Key>;
}

/** A variable that is set to the empty text counts as not set, as in most shells' scripts. */
export function valueOf(
  key: keyof Config,
  env: Env,
): { readonly name: string; readonly value: string } | undefined {
  const { name, formerName } = VARIABLES[key];
  for (const candidate of formerName === undefined ? [name] : [name, formerName]) {
    const value = env(candidate)?.trim();
    if (value !== undefined && value !== "") return { name: candidate, value };
  }
  return undefined;
}

/** The sentence of the check, else what was found and expected. The check of a database URL never repeats a password. */
function complaint(key: keyof Config, value: string | undefined, { issues: [issue] }: z.ZodError): string {
  if (issue?.code === "custom" && issue.params?.isSentence === true) return issue.message;
  return `found "${value}", expected ${VARIABLES[key].expected}`;
}

function crossChecks(config: Partial<Config>, isSet: (key: keyof Config) => boolean): Problem[] {
  const problems: Problem[] = [];
  const { heartbeatMs, workerOfflineMs, workerPollMs, workerMaxPollMs } = config;
  if (
    heartbeatMs !== undefined && workerOfflineMs !== undefined && isSet("heartbeatMs") &&
    heartbeatMs * 2 > workerOfflineMs
  ) {
    problems.push({
      field: VARIABLES.heartbeatMs.name,
      message: `found ${heartbeatMs / 1000} s, expected at most half of ${VARIABLES.workerOfflineMs.name} ` +
        `(${workerOfflineMs / 1000} s), so that one late heartbeat does not lose a lease`,
      code: "conflict",
    });
  }
  const polls = workerPollMs !== undefined && workerMaxPollMs !== undefined && isSet("workerMaxPollMs");
  if (polls && workerPollMs > workerMaxPollMs) {
    problems.push({
      field: VARIABLES.workerMaxPollMs.name,
      message: `found ${workerMaxPollMs / 1000} s, expected at least ${VARIABLES.workerPollMs.name} (${
        workerPollMs / 1000
      } s)`,
      code: "conflict",
    });
  }
  const { proxyUserHeader, proxySecret, trustedProxies } = config;
  if (proxyUserHeader != null && trustedProxies?.length === 0) {
    problems.push({
      field: VARIABLES.proxyUserHeader.name,
      message: `signs in whom a proxy names, so ${VARIABLES.trustedProxies.name} must name the proxy`,
      code: "conflict",
    });
  }
  if (proxyUserHeader != null && proxySecret === null) {
    problems.push({
      field: VARIABLES.proxySecret.name,
      message: `is not set, but ${VARIABLES.proxyUserHeader.name} is: expected ${VARIABLES.proxySecret.expected}`,
      code: "conflict",
    });
  }
  return [...problems, ...oidcChecks(config, isSet)];
}

/** Whether nobody but this machine reaches what listens on `address`. */
export function isLoopback(address: string): boolean {
  return /^127\.\d+\.\d+\.\d+$|^::1$/.test(address);
}
