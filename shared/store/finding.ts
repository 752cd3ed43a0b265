/** What one look at a database has found. */
export interface Finding {
  /** What was looked at, such as `integrity`. */
  readonly check: string;
  /** Whether it is as it should be. */
  readonly isOk: boolean;
  /** What was found, and where it is wrong what to do. */
  readonly detail: string;
}

/** Compares the steps of the schema that a database has with those that this program has. */
export function schemaFinding(applied: ReadonlySet<string>, migrations: readonly { readonly name: string }[]): Finding {
  const missing = migrations.map(({ name }) => name).filter((name) => !applied.has(name));
  const last = migrations.at(-1)?.name ?? "none";
  const detail = missing.length === 0
    ? `up to date (${last})`
    : `not up to date: ${missing.join(", ")} missing; run \`deno task migrate\` or \`jobctl database migrate\``;
  return { check: "schema", isOk: missing.length === 0, detail };
}
