import assert from "node:assert/strict";
import {
  type Config,
  JOBCTL_KEYS,
  NOTIFIER_KEYS,
  SCHEDULER_KEYS,
  type Variable,
  VARIABLES,
  WEB_KEYS,
  WORKER_KEYS,
} from "@jobtrigger/shared/config";
import { SYSTEMD_VARIABLES } from "@jobtrigger/shared/systemd";
import denoJson from "../../deno.json" with { type: "json" };

const page = await Deno.readTextFile(new URL("../../docs/configuration.md", import.meta.url));

const { permissions } = denoJson;

/** Each process, the variables that `deno.json` lets it read, and those that it reads. */
const PROCESSES: readonly (readonly [name: string, env: readonly string[], keys: readonly (keyof Config)[]])[] = [
  ["scheduler", permissions.scheduler.env, SCHEDULER_KEYS],
  ["worker", permissions.worker.env, WORKER_KEYS],
  ["notifier", permissions.notifier.env, NOTIFIER_KEYS],
  ["web", permissions.web.env, WEB_KEYS],
  ["jobctl", permissions.jobctl.env, JOBCTL_KEYS],
];

/** The variables that a worker reads only to hand them on to scripts. */
const HANDED_ON = ["PATH", "HOME", "LANG"];

/** Where jobctl keeps its login. */
const HOMES = ["XDG_CONFIG_HOME", "HOME", "APPDATA"];

const variables = Object.values(VARIABLES).map((variable): Omit<Variable<unknown>, "schema"> => variable);

/** The line of the page's table for a variable of `VARIABLES`. */
function row({ name, formerName, fallback, expected, about }: Omit<Variable<unknown>, "schema">): string {
  const names = formerName === undefined ? `\`${name}\`` : `\`${name}\`, else \`${formerName}\``;
  const readers = PROCESSES.filter(([, , keys]) => keys.some((key) => VARIABLES[key].name === name));
  const readBy = readers.length === PROCESSES.length ? "all" : readers.map(([process]) => process).join(", ");
  const unless = fallback === "" ? "none" : `\`${fallback}\``;
  return `| ${[names, unless, expected, readBy, about].join(" | ")} |`;
}

/** The cells of a table's line, without the padding that the formatter puts around them. */
function unpadded(line: string): string {
  return line.replace(/ *\| */g, " | ").trim();
}

Deno.test("docs/configuration.md lists each variable with its default, values, readers and meaning, and no other", () => {
  const rows = page.split("\n").map(unpadded).filter((line) => /^\| `[A-Z_]+`/.test(line));
  assert.deepEqual(rows, variables.map(row));
});

Deno.test("docs/configuration.md names the variables that a worker hands on to scripts", () => {
  for (const name of HANDED_ON) assert.match(page, new RegExp(`\`${name}\``));
});

/** The variables that every client of PostgreSQL reads: PGPASSWORD, PGSSLMODE and so on. */
const LIBPQ = "PG*";

for (const [process, env, keys] of PROCESSES) {
  Deno.test(`deno.json lets the ${process} read exactly its own variables`, () => {
    const more = process === "worker" ? HANDED_ON : process === "jobctl" ? HOMES : [];
    const expected = [...namesOf(keys), LIBPQ, ...more, ...process === "jobctl" ? [] : SYSTEMD_VARIABLES];
    assert.deepEqual(env.toSorted(), expected.toSorted());
  });
}

Deno.test("deno.json lets migrate read all variables, which it checks together", () => {
  const keys = Object.keys(VARIABLES).filter((key): key is keyof Config => key in VARIABLES);
  assert.deepEqual(permissions.migrate.env.toSorted(), [...namesOf(keys), LIBPQ].toSorted());
});

function namesOf(keys: readonly (keyof Config)[]): string[] {
  return keys.flatMap((key) => {
    const { name, formerName } = VARIABLES[key];
    return formerName === undefined ? [name] : [name, formerName];
  });
}

Deno.test("migrate says that PostgreSQL does not answer, and does not repeat the password", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "migrate"],
    cwd: new URL("../..", import.meta.url),
    env: { DATABASE_URL: "postgresql+psycopg2://user:secret@127.0.0.1:1/jobs", NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.equal(code, 1);
  assert.match(said, /Cannot use the database postgresql:\/\/user@127\.0\.0\.1:1\/jobs: .*ECONNREFUSED/);
  assert.doesNotMatch(said, /secret/);
});

Deno.test("each process starts with the permissions of its own name, and no others", () => {
  const commands = Object.values(denoJson.tasks).flatMap(({ command }) => command.split("&&"))
    .filter((command) => /deno run .* \w+\/\w+\.ts( |$)/.test(command) && !/ (?:bench|tools)\//.test(command));
  for (const command of commands) {
    assert.match(command, / -P=\w+ /);
    assert.doesNotMatch(command, /--allow-/);
  }
  const used = commands.map((command) => / -P=(\w+) /.exec(command)?.[1]);
  assert.deepEqual([...new Set(used)].toSorted(), Object.keys(permissions).toSorted());
});
