import type { Config } from "./config.ts";
import { isPostgresUrl, parseDatabaseUrl } from "./database_url.ts";
import { type Env, valueOf } from "./read.ts";
import { VARIABLES } from "./variables.ts";

/** A setting as people may see it. */
export interface Setting {
  /** The variable's name. */
  readonly name: string;
  /** Its text, without secrets; empty: nothing. */
  readonly value: string;
  /** Whether the environment names it; else it has its default. */
  readonly isSet: boolean;
  /** What it means. */
  readonly about: string;
}

/** The settings of a process that has read them without a problem. The text of a secret is not among them. */
export function settingsInForce(keys: readonly (keyof Config)[], env: Env): readonly Setting[] {
  return keys.map((key) => {
    const { name, fallback, about, isSecret = false } = VARIABLES[key];
    const found = valueOf(key, env);
    const value = found?.value ?? fallback;
    return {
      name: found?.name ?? name,
      value: isSecret ? (found === undefined ? "" : "hidden") : key === "databaseUrl" ? placeOf(value) : value,
      isSet: found !== undefined,
      about,
    };
  });
}

/** Where a database is, without the password and without parameters, which may hold secrets too. */
function placeOf(url: string): string {
  const target = parseDatabaseUrl(url);
  if (target.kind === "sqlite" || !isPostgresUrl(target.url)) return url;
  const { username, host, pathname } = new URL(target.url.replace(/^[^:]+:/, "http:"));
  return `postgresql://${username === "" ? "" : `${username}@`}${host}${pathname}`;
}
