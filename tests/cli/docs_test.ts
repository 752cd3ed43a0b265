import assert from "node:assert/strict";
import { openSite } from "../support/process.ts";
import { DATABASES } from "../support/store.ts";
import { openDirectory } from "../support/temporary.ts";
import { run } from "./_cli.ts";
import { throughPortal } from "./_reach.ts";

const DOCS = new URL("../../docs/jobctl.md", import.meta.url);

Deno.test("the commands of docs/jobctl.md do what they are there for", async () => {
  await using site = await throughPortal(await openSite());
  await using home = await openDirectory();
  await site.script("a.sh", "true");
  const { JOBTRIGGER_URL = "", JOBTRIGGER_TOKEN = "" } = site.env;
  const [programs = [], people = []] = [...(await Deno.readTextFile(DOCS)).matchAll(/```sh\n(.*?)```/gs)]
    .map(([, block = ""]) => block.trim().split("\n").filter((line) => line.startsWith("jobctl ")));
  assert.deepEqual([programs.length, people.length], [6, 3]);
  const signedIn = { XDG_CONFIG_HOME: home.path };
  for (const [lines, env] of [[programs, site.env], [people, signedIn]] as const) {
    for (const line of lines) {
      const args = await argumentsOf(line, { JOBTRIGGER_URL });
      const { code, stderr } = await run(args, { env, stdin: JOBTRIGGER_TOKEN });
      assert.equal(code, 0, `${line}: ${stderr}`);
    }
  }
  assert.deepEqual((await site.store.jobs.list({ limit: 1 })).items, []);
});

for (const [kind, open] of Object.entries(DATABASES)) {
  Deno.test(`the commands of docs/upgrade.md and docs/backup.md do what they are there for, on ${kind}`, async () => {
    await using test = await open();
    await using place = await openDirectory();
    const env = { DATABASE_URL: test.url, SCRIPTS_DIR: place.path };
    for (const [page, count] of [["upgrade", 6], ["backup", 4]] as const) {
      const text = await Deno.readTextFile(new URL(`../../docs/${page}.md`, import.meta.url));
      // The way back has a command for each kind of database.
      const others = kind === "SQLite" ? / restore (?!.*--replace)/ : /before-upgrade.*--replace/;
      const lines = (text.replaceAll("/backups/", `${place.path}/`).match(/^ *jobctl .*$/gm) ?? [])
        .filter((line) => !others.test(line));
      assert.equal(lines.length, count);
      for (const line of lines) {
        if (line.includes(" restore ")) {
          // The doctor has written there to see whether that is possible.
          await test.sql("DELETE FROM settings");
          await test.store.close();
          await run(["database", "backup", "--to", `${place.path}/jobs.db`], { env });
        }
        const { code, stderr } = await run(await argumentsOf(line, {}), { env });
        // Nobody runs a scheduler here, which is what these two are asked about.
        assert.ok(code === 0 || / (doctor|status)$/.test(line), `${line}: ${stderr}`);
      }
    }
  });
}

Deno.test("docs/troubleshoot.md says what the product says, and its commands do what they are there for", async () => {
  await using site = await openSite();
  await site.script("backup.sh", "true");
  const page = await Deno.readTextFile(new URL("../../docs/troubleshoot.md", import.meta.url));
  const rows = [...page.matchAll(/^\| (.*?) *\| (.*?) *\| (.*?) *\|$/gm)].filter(([, seen = ""]) =>
    !/^(-+|you see)$/.test(seen)
  );
  assert.ok(rows.length >= 25, `${rows.length} rows`);
  const { stdout: source } = await new Deno.Command("grep", {
    args: ["-rhI", "--include=*.ts", "--include=*.tsx", "", "shared", "services", "app", "cli"],
  }).output();
  const said = new TextDecoder().decode(source).replaceAll(/" \+\s+"/g, "");
  await run(
    ["jobs", "create", "--name", "Backup", "--key", "backup", "--script", "backup.sh", "--schedule", "daily at 02:00"],
    { env: site.env },
  );
  for (const [, seen = "", , does = ""] of rows) {
    for (const [, words = ""] of seen.matchAll(/"([^"…]+)"/g)) {
      assert.ok(said.includes(words), `nothing says ${words}`);
    }
    for (const [, line = ""] of does.matchAll(/`(jobctl [^`]+)`/g)) {
      const { code, stderr } = await run(await argumentsOf(line, {}), { env: site.env });
      // 1: status, doctor and why have found something, as they are there for.
      assert.ok(code < 2, `${line}: ${stderr}`);
    }
  }
});

/** What a shell hands to jobctl. */
async function argumentsOf(line: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const script = `jobctl() { printf '%s\\0' "$@"; }; ${line.replace(/ < \S+$/, "")}`;
  const { success, stdout } = await new Deno.Command("sh", { args: ["-c", script], env, stderr: "inherit" }).output();
  assert.ok(success, line);
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}
