import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../support/temporary.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What it takes to give jobs a policy `nice`: in each file, after which text what is put. */
const PATCH: Readonly<Record<string, readonly (readonly [after: string, added: string])[]>> = {
  "shared/domain/job.ts": [
    [
      "  readonly spreadSeconds: number;\n",
      "  /** How much a script gives way to others, 0 to 19. */\n  readonly nice: number;\n",
    ],
    ["  spreadSeconds: 0,\n", "  nice: 0,\n"],
  ],
  "shared/store/json.ts": [
    [
      "  spreadSeconds: z.number().default(DEFAULT_POLICIES.spreadSeconds),\n",
      "  nice: z.number().default(DEFAULT_POLICIES.nice),\n",
    ],
  ],
  "shared/api/job_fields.ts": [
    ["  readonly spread: number;\n", "  readonly nice: number;\n"],
    [
      "/** All fields, in the form's order. */\nexport const JOB_FIELDS: { readonly [Name in FieldName]: JobField<FieldValues[Name]> } = {\n",
      `  nice: {
    ...whole("nice", 0, 19),
    label: "Niceness",
    help: "0 to 19; empty: 0.",
    flag: ["--nice <n>", "how much its script gives way to others, 0 to 19; default 0"],
    fact: "Where it runs",
  },
`,
    ],
    ['["tags", "priority"], ["concurrency_key", "concurrency_limit"]', ', ["nice"]'],
  ],
  "shared/api/policy_input.ts": [
    ['    spreadSeconds: read("spread", usual.spreadSeconds),\n', '    nice: read("nice", usual.nice),\n'],
    ["    spread: policies.spreadSeconds,\n", "    nice: policies.nice,\n"],
    ["  spread: number,\n", "  nice: number,\n"],
    ["    spreadSeconds: fields.spread,\n", "    nice: fields.nice,\n"],
  ],
  "shared/api/policy_words.ts": [
    ["    ...spreadWords(policies, context),\n", '    effect("nice", `Its script has niceness ${policies.nice}.`),\n'],
  ],
  "docs/policies.md": [
    [
      "| ---------------------------------- | ----------------------------- | ----------------------------------------------------------------------------------------------------- |\n",
      "| Niceness | `--nice <n>` | how much its script gives way to others, 0 to 19; default 0 |\n",
    ],
  ],
};

/** Asks the copy's form, page, command and JSON about the policy. */
const PROBE = `
import assert from "node:assert/strict";
import { FIELDS, openPortal, standing } from "../app/_portal.ts";
import { json, run } from "../cli/_cli.ts";
import { openSite } from "../support/process.ts";

Deno.test("the portal's form takes the policy, and the job's page says it", async () => {
  await using portal = await openPortal();
  assert.match(await (await portal.get("/jobs/new")).text(), /<label\\s+for="field-nice"\\s*>Niceness<.*0 to 19; empty: 0\\./s);
  assert.equal((await portal.post("/jobs/new", { ...FIELDS, nice: "20" })).status, 422);
  assert.equal((await portal.post("/jobs/new", { ...FIELDS, nice: "7" })).status, 303);
  assert.equal(standing(await (await portal.get("/jobs/1/edit")).text())["nice"], "7");
  assert.match(await (await portal.get("/jobs/1")).text(), /Where it runs.*Its script has niceness 7/s);
});

Deno.test("jobctl takes the policy, prints it as JSON and says it", async () => {
  await using site = await openSite();
  await site.script("a.sh", "true");
  const create = ["jobs", "create", "--name", "A", "--script", "a.sh", "--schedule", "manual"];
  assert.match((await run(["jobs", "create", "--help"], site)).stdout, /--nice <n> +how much its script gives way/);
  assert.match((await run([...create, "--nice", "20"], site)).stderr, /--nice: found "20", expected .* from 0 to 19/);
  assert.equal(Object(await json([...create, "--nice", "7"], site)).nice, 7);
  assert.match((await run(["jobs", "show", "1"], site)).stdout, /Its script has niceness 7/);
});
`;

Deno.test("a new policy takes six files, and form, page, flags, JSON and docs know it", async (t) => {
  const copy = await Deno.makeTempDir({ dir: temporaryDirectory(), prefix: "jobtrigger-copy-" });
  const deno = async (...args: readonly string[]) => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: copy,
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(success, said);
  };
  try {
    for await (const { name, isDirectory } of Deno.readDir(ROOT)) {
      if (name === "node_modules") await Deno.symlink(`${ROOT}/${name}`, `${copy}/${name}`);
      else if (!/^(\.|_fresh$|dist$)/.test(name)) {
        await (isDirectory
          ? copyTree(`${ROOT}/${name}`, `${copy}/${name}`)
          : Deno.copyFile(`${ROOT}/${name}`, `${copy}/${name}`));
      }
    }
    for (const [path, additions] of Object.entries(PATCH)) {
      let text = await Deno.readTextFile(`${copy}/${path}`);
      for (const [after, added] of additions) {
        assert.equal(text.split(after).length, 2, `${path} has once: ${after}`);
        text = text.replace(after, () => after + added);
      }
      await Deno.writeTextFile(`${copy}/${path}`, text);
    }
    assert.equal(Object.keys(PATCH).length, 6);
    await Deno.writeTextFile(`${copy}/tests/api/probe_test.ts`, PROBE);
    const entries = ["app/serve.ts", "app/main.ts", "cli/jobctl.ts", "services/scheduler.ts", "services/worker.ts"];
    await t.step("it compiles", () => deno("check", "--quiet", ...entries));
    const flags = ["test", "--quiet", "--no-check", "--allow-all", "--unstable-bundle"];
    await t.step("its own tests pass", () => deno(...flags, "tests/api/probe_test.ts", "tests/api/job_fields_test.ts"));
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});

async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(from)) {
    if (name === "node_modules" && !isSymlink) await Deno.symlink(`${from}/${name}`, `${to}/${name}`);
    else if (isDirectory) await copyTree(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
