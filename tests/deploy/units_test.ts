import assert from "node:assert/strict";
import { parse } from "yaml";
import denoJson from "../../deno.json" with { type: "json" };
import { programTest } from "../support/program.ts";

/** Each unit, the task whose command it runs, and how exposed it may be by `systemd-analyze security`. */
const UNITS = [
  ["scheduler", "scheduler", 2],
  ["web", "serve", 2],
  ["notifier", "notifier", 2],
  // Scripts run below it, and may need what the others do not.
  ["worker", "worker", 8],
] as const;

const commands = new Map(Object.entries(denoJson.tasks).map(([name, { command }]) => [name, command]));

for (const [name, task] of UNITS) {
  Deno.test(`the unit of ${name} runs its task, writes files for its user alone, and is watched`, async () => {
    const lines = (await Deno.readTextFile(`deploy/jtp-${name}.service`)).split("\n");
    const expected = [
      "Type=notify",
      "WatchdogSec=120",
      "UMask=0077",
      "StateDirectory=job-trigger-portal",
      "StateDirectoryMode=0700",
      `ExecStart=/usr/local/bin/${commands.get(task)}`,
    ];
    for (const line of expected) assert.ok(lines.includes(line), line);
  });
}

/** The files of deploy/ as an administrator installs them, with this machine's Deno. */
async function install(): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-units-" });
  const put = async (from: string, to: string) => {
    const text = await Deno.readTextFile(`deploy/${from}`);
    await Deno.writeTextFile(`${directory}/${to}`, text.replaceAll("/usr/local/bin/deno", Deno.execPath()));
  };
  for (const [name] of UNITS) {
    await put(`jtp-${name}.service`, `jtp-${name}.service`);
    await Deno.mkdir(`${directory}/jtp-${name}.service.d`);
    await put(`own-users/jtp-${name}.service.d/own-user.conf`, `jtp-${name}.service.d/own-user.conf`);
  }
  await Deno.mkdir(`${directory}/root/etc`, { recursive: true });
  return { directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

/** Runs a program to its end; answers all it said. @throws when it fails. */
async function said(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, text);
  return text;
}

await programTest(
  "systemd-analyze",
  "systemd finds nothing wrong with the units, nor with users of their own",
  async () => {
    await using ground = await install();
    const units = UNITS.map(([name]) => `${ground.directory}/jtp-${name}.service`);
    assert.equal(await said("systemd-analyze", ["verify", "--man=no", ...units]), "");
  },
);

for (const [name, , most] of UNITS) {
  await programTest("systemd-analyze", `systemd rates the exposure of ${name} below ${most}.0`, async () => {
    await using ground = await install();
    const threshold = `--threshold=${most * 10}`;
    await said("systemd-analyze", ["security", "--offline=true", threshold, `${ground.directory}/jtp-${name}.service`]);
  });
}

await programTest("systemd-sysusers", "systemd makes the users and directories that the units name", async () => {
  await using ground = await install();
  const root = `--root=${ground.directory}/root`;
  const [sysusers, tmpfiles] = ["sysusers", "tmpfiles"].map((kind) => Deno.realPathSync(`deploy/jtp.${kind}.conf`));
  await said("systemd-sysusers", [root, sysusers ?? ""]);
  await said("systemd-tmpfiles", [root, "--create", tmpfiles ?? ""]);
  const users = (await Deno.readTextFile(`${ground.directory}/root/etc/passwd`)).split("\n").map((line) =>
    line.split(":")[0]
  );
  for (const [name] of UNITS) {
    for (const file of [`jtp-${name}.service`, `jtp-${name}.service.d/own-user.conf`]) {
      const user = /^User=(.*)$/m.exec(await Deno.readTextFile(`${ground.directory}/${file}`))?.[1];
      assert.ok(users.includes(user), `${file} names ${user}`);
    }
  }
  assert.equal((Deno.statSync(`${ground.directory}/root/srv/job-trigger-portal/scripts`).mode ?? 0) & 0o777, 0o755);
});

Deno.test("each container of the compose file runs a module of its own permissions", async () => {
  const { services }: { readonly services: Readonly<Record<string, { readonly command: readonly string[] }>> } = parse(
    await Deno.readTextFile("deploy/compose.yaml"),
    { merge: true },
  );
  for (const [name, task] of [...UNITS, ["migrate", "migrate"] as const]) {
    const command = services[name]?.command ?? [];
    assert.ok(commands.get(task)?.endsWith(command.join(" ")), `${name}: ${command.join(" ")}`);
  }
});

Deno.test("deploy/job-trigger-portal.env sets variables that there are", async () => {
  const page = await Deno.readTextFile("docs/configuration.md");
  for (const [, name] of (await Deno.readTextFile("deploy/job-trigger-portal.env")).matchAll(/^(\w+)=/gm)) {
    assert.ok(page.includes(`| \`${name}\``), name);
  }
});
