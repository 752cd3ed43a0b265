import assert from "node:assert/strict";
import { Command } from "commander";
import { bashScript } from "../../cli/commands/completion/bash.ts";
import { specsOf } from "../../cli/commands/completion/spec.ts";
import { zshScript } from "../../cli/commands/completion/zsh.ts";
import { fishScript } from "../../cli/commands/completion/fish.ts";
import { programTest } from "../support/program.ts";
import { commandOf, openSite } from "../support/process.ts";
import { json, run, type Surroundings } from "./_cli.ts";

const CREATE = ["jobs", "create", "--script", "a.sh", "--schedule", "manual"];

/** What bash offers for each line, whose last word the cursor is on. */
async function offered(script: string, lines: readonly (readonly string[])[]): Promise<readonly string[]> {
  const asked = lines.map((words) => {
    const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _jobctl; echo "\${COMPREPLY[*]}"`;
  });
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-uc", [script, ...asked].join("\n")],
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual([code, err], [0, ""]);
  return (out ?? "").split("\n").slice(0, -1);
}

/** The script that jobctl prints for a shell. */
async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await run(["completion", shell]);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

const typed: readonly (readonly [line: string, offers: string])[] = [
  ["jobctl ru", "runs"],
  ["jobctl jobs cl", "clone"],
  ["jobctl jobs list --state p", "paused"],
  ["jobctl jobs list --state = a", "active"],
  ["jobctl jobs list --state active --sea", "--search"],
  ["jobctl jobs list --label jobs -o y", "yaml"],
  ["jobctl runs list --status F", "FAILED"],
  ["jobctl jobs create --overlap cancel", "cancel_running"],
  ["jobctl users role bob vi", "viewer"],
  ["jobctl completion f", "fish"],
  ["jobctl database backup --to x --j", "--json"],
  ["jobctl jobs nonsense sh", ""],
];
Deno.test("bash completes commands, flags and words of flags", async () => {
  const lines = typed.map(([line]) => line.split(" "));
  assert.deepEqual(await offered(await scriptFor("bash"), lines), typed.map(([, offers]) => offers));
});

Deno.test("bash completes jobs by asking the task jobctl, and quotes what has spaces", async () => {
  await using site = await openSite();
  await site.script("a.sh", "true");
  await json([...CREATE, "--name", "Keyed", "--key", "nightly"], site);
  await json([...CREATE, "--name", "My Job's"], site);
  const command = [Deno.execPath(), ...await commandOf("jobctl")].map((word) => `'${word}'`).join(" ");
  const env = Object.entries(site.env).map(([name, value]) => `export ${name}='${value}'`).join("\n");
  const script = `${await scriptFor("bash")}\n${env}\njobctl() { ${command} "$@"; }`;
  assert.deepEqual(
    await offered(script, [["jobctl", "jobs", "show", "n"], ["jobctl", "runs", "list", "--job", "My\\ J"]]),
    [
      "nightly",
      "My\\ Job\\'s",
    ],
  );
});

Deno.test("a new command, flag and word appear in each script by themselves", async () => {
  const program = new Command("jobctl");
  program.command("brew").description("it's tea: a kind").option("-s, --sugar <lumps>", "how sweet").argument("<job>");
  program.command("secret", { hidden: true });
  const specs = specsOf(program);
  assert.deepEqual(specs.map(({ path }) => path), ["", "brew"]);
  const bash = bashScript(specs, ["jobctl"]);
  assert.deepEqual(await offered(bash, [["jobctl", ""], ["jobctl", "brew", "--su"]]), ["brew", "--sugar"]);
  for (const script of [bash, zshScript(specs, ["jobctl"]), fishScript(specs, ["jobctl"])]) {
    assert.ok(["brew", "sugar", "jobs"].every((word) => script.includes(word)), script);
    assert.ok(!script.includes("secret"));
  }
});

Deno.test("the hidden command offers keys, names, runs and users", async () => {
  await using site = await openSite();
  await site.script("a.sh", "true");
  await json([...CREATE, "--name", "Backup", "--key", "nightly"], site);
  await json([...CREATE, "--name", "Other 100%"], site);
  await run(["jobs", "run", "1"], site);
  await run(["users", "add", "alice", "--no-password"], site);
  const values = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(["complete-values", ...args], site);
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout.trimEnd().split("\n");
  };
  assert.deepEqual(await values("jobs"), ["nightly", "Other 100%"]);
  assert.deepEqual(await values("jobs", "--", "B"), ["Backup"]);
  assert.deepEqual(await values("jobs", "--", "-x"), [""]);
  assert.deepEqual(await values("runs"), ["1"]);
  assert.deepEqual(await values("users"), ["alice"]);
});

const broken: readonly (readonly [what: string, surroundings: Surroundings])[] = [
  ["no database", { env: { DATABASE_URL: "sqlite:////nowhere/jobs.db" } }],
  ["wrong settings", { env: { DATABASE_URL: "mysql://x" } }],
];
for (const [what, surroundings] of broken) {
  Deno.test(`the hidden command is silent with ${what}`, async () => {
    assert.deepEqual(await run(["complete-values", "jobs"], surroundings), { code: 0, stdout: "", stderr: "" });
  });
}

Deno.test("help shows the hidden command nowhere, and other shells are refused", async () => {
  assert.doesNotMatch((await run(["--help"])).stdout, /complete-values/);
  const { code, stderr } = await run(["completion", "tcsh"]);
  assert.equal(code, 2);
  assert.match(stderr, /^jobctl: command-argument value 'tcsh' is invalid .*bash, zsh, fish/);
});

/** Runs `check` with a file that holds the script for a shell. */
async function withScript(shell: string, check: (file: string) => Promise<void>): Promise<void> {
  const file = await Deno.makeTempFile({ prefix: "jobtrigger-completion-" });
  try {
    await Deno.writeTextFile(file, await scriptFor(shell));
    await check(file);
  } finally {
    await Deno.remove(file);
  }
}

async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
  return new TextDecoder().decode(stdout);
}

await programTest("zsh", "zsh reads its script without an error", () =>
  withScript("zsh", async (file) => {
    assert.equal(await outputOf("zsh", ["-f", "-n", file]), "");
  }));

await programTest("fish", "fish completes commands and words of flags", () =>
  withScript("fish", async (file) => {
    const asked = ["jobctl jobs cl", "jobctl jobs list --state p", "jobctl completion b"];
    const lines = asked.map((line) => `complete -C '${line}'`).join("; ");
    const words = (await outputOf("fish", ["--no-config", "-c", `source ${file}; ${lines}`])).trimEnd().split("\n");
    assert.deepEqual(words.map((line) => line.split("\t")[0]), ["clone", "paused", "bash"]);
  }));
