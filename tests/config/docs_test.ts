import assert from "node:assert/strict";
import { JOBCTL_KEYS, SCHEDULER_KEYS, VARIABLES, WEB_KEYS, WORKER_KEYS } from "@jobtrigger/shared/config";

const PROCESSES = { scheduler: SCHEDULER_KEYS, worker: WORKER_KEYS, web: WEB_KEYS, jobctl: JOBCTL_KEYS } as const;
const TASKS = { scheduler: "scheduler", worker: "worker", web: "serve", jobctl: "jobctl" } as const;

type Process = keyof typeof PROCESSES;
const processes: readonly Process[] = ["scheduler", "worker", "web", "jobctl"];

function readers(key: string): string {
  const found = processes.filter((name) => PROCESSES[name].some((known) => known === key));
  return found.length === processes.length ? "all" : found.join(", ");
}

Deno.test("docs/configuration.md has every variable with its default, readers and meaning, and no other", async () => {
  const text = await Deno.readTextFile("docs/configuration.md");
  const rows = text.split("\n").filter((line) => line.startsWith("| `")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  const expected = Object.entries(VARIABLES).map(([key, variable]) => [
    "formerName" in variable && variable.formerName !== undefined
      ? `\`${variable.name}\`, else \`${variable.formerName}\``
      : `\`${variable.name}\``,
    `\`${variable.fallback}\``,
    readers(key),
    variable.about,
  ]);
  assert.deepEqual(rows, expected);
});

for (const name of processes) {
  Deno.test(`the ${name} may read exactly the variables it is configured by`, async () => {
    const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
    const command: string = tasks[TASKS[name]].command;
    const allowed = /--allow-env=(\S+)/.exec(command)?.[1]?.split(",") ?? [];
    const expected = PROCESSES[name].flatMap((key) => [VARIABLES[key].name, VARIABLES[key].formerName ?? []].flat());
    const passedOn = name === "worker" ? ["PATH", "HOME", "LANG"] : [];
    assert.deepEqual(allowed.toSorted(), [...expected, ...passedOn].toSorted());
  });
}

Deno.test("a database URL of PostgreSQL is refused with a sentence", async () => {
  const result = await new Deno.Command("deno", {
    args: ["task", "--quiet", "migrate"],
    env: { DATABASE_URL: "postgresql+psycopg2://user:secret@localhost/jobs", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const said = new TextDecoder().decode(result.stderr);
  assert.notEqual(result.code, 0);
  assert.match(said, /DATABASE_URL: .*PostgreSQL/i);
  assert.doesNotMatch(said, /secret/);
});
