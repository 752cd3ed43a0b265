/**
 * The values of a job's environment variables are secrets of those who may edit the job. Everybody else is shown the names, each
 * with {@linkcode SECRET_MARK} for its value. Whoever sends a definition back with the mark keeps the value that the job has.
 *
 * @module
 */
import { Invalid, type JobDefinition, SECRET_MARK } from "../domain/mod.ts";

/** The same definition, with the mark in place of each value of its environment. */
export function hideEnvValues<Definition extends JobDefinition>(definition: Definition): Definition {
  const { policies } = definition;
  const env = Object.fromEntries(Object.keys(policies.env).map((name) => [name, SECRET_MARK]));
  return { ...definition, policies: { ...policies, env } };
}

/**
 * The environment as it was sent, with the values of `known` in place of the mark; what is no environment stays as it is.
 * @throws {Invalid} that names a variable of which `known` has no value.
 */
export function keepEnvValues(env: unknown, known: Readonly<Record<string, string>>): unknown {
  if (typeof env !== "object" || env === null || Array.isArray(env)) return env;
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value === SECRET_MARK ? keptValue(name, known) : value]),
  );
}

function keptValue(name: string, known: Readonly<Record<string, string>>): string {
  const value = Object.hasOwn(known, name) ? known[name] : undefined;
  if (value !== undefined) return value;
  const message =
    `found ${SECRET_MARK} for ${name}, which keeps a value, but the job has no such variable; expected its value`;
  throw new Invalid([{ field: "env", message, code: "invalid" }]);
}
