import assert from "node:assert/strict";
import denoJson from "../../deno.json" with { type: "json" };
import { run } from "../cli/_cli.ts";
import { PASSWORD } from "../support/accounts.ts";
import { openSite } from "../support/process.ts";

const deploy = await Deno.readTextFile("docs/deploy.md");
const install = await Deno.readTextFile("docs/install.md");

/** The lines of the page's blocks for a shell. */
function commandsOf(page: string): readonly string[] {
  return [...page.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, block = ""]) =>
    block.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  );
}

Deno.test("docs/deploy.md names files that there are, and puts them where the units look for them", async () => {
  const names = [...deploy.matchAll(/\bdeploy\/([\w.*/-]+[\w*])/g)].map(([, name = ""]) => name);
  assert.ok(names.length >= 6, names.join(" "));
  const files = await Array.fromAsync(Deno.readDir("deploy"), ({ name }) => name);
  for (const name of names) {
    const pattern = new RegExp(`^${name.replace(/\/\*$/, "").replaceAll(".", "\\.").replace("*", ".*")}$`);
    assert.ok(files.some((file) => pattern.test(file)), `deploy/${name}`);
  }
  const told = [
    ...await Promise.all(["web", "worker"].map((name) => Deno.readTextFile(`deploy/jtp-${name}.service`))),
    await Deno.readTextFile("deploy/jtp.tmpfiles.conf"),
    await Deno.readTextFile("deploy/job-trigger-portal.env"),
    await Deno.readTextFile("deploy/jobctl"),
  ].join("\n");
  for (const [, path = ""] of deploy.matchAll(/`(\/(?:opt|etc|var|srv|usr)\/[\w./-]+)`/g)) {
    assert.ok(told.includes(path) || path === "/usr/local/bin/jobctl", `nothing else says ${path}`);
  }
  const started = [...deploy.matchAll(/enable --now (.*)/g)].flatMap(([, units = ""]) => units.split(" "));
  const units = files.flatMap((file) => /^(jtp-\w+)\.service$/.exec(file)?.[1] ?? []);
  assert.deepEqual(started.toSorted(), units.toSorted());
});

Deno.test("deploy/jobctl runs the command of its task", async () => {
  const script = (await Deno.readTextFile("deploy/jobctl")).replaceAll(/\\\n\s*/g, "");
  const [, flags = ""] = /^(deno run .*) cli\/jobctl\.ts$/.exec(denoJson.tasks.jobctl.command) ?? [];
  const expected = flags.replace(" -P=", ' --config "$home/deno.json" -P=');
  assert.ok(script.includes(`/usr/local/bin/${expected} "$home/cli/jobctl.ts" "$@"`), script);
});

Deno.test("the shell understands the commands of docs/install.md and docs/deploy.md, and deploy/jobctl", async () => {
  const script = [...commandsOf(deploy), ...commandsOf(install), await Deno.readTextFile("deploy/jobctl")].join("\n");
  const shell = new Deno.Command("sh", { args: ["-n"], stdin: "piped", stderr: "piped" }).spawn();
  const writer = shell.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { success, stderr } = await shell.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  for (const [, task = ""] of `${install}\n${deploy}`.matchAll(/\bdeno(?:@[\d.]+)? task (?:--quiet )?(\w+)/g)) {
    assert.ok(task in denoJson.tasks, task);
  }
});

for (const [name, page] of Object.entries({ deploy, install })) {
  Deno.test(`the commands of jobctl in docs/${name}.md do what they are there for`, async () => {
    await using site = await openSite();
    for (const script of ["hello.sh", "test_job.sh"]) await site.script(script, "true");
    const lines = commandsOf(page).flatMap((line) => /^(?:deno task --quiet )?jobctl (.*)$/.exec(line)?.[1] ?? []);
    assert.ok(lines.length >= 3);
    for (const line of lines) {
      // No worker is here to wait for.
      const args = [...line.replace(" --wait", "").matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) =>
        quoted ?? word ?? ""
      );
      const { code, stderr } = await run(args, { env: site.env, stdin: PASSWORD });
      // The doctor finds that no scheduler runs, as it is there for.
      assert.ok(code === 0 || args[0] === "doctor", `${line}: ${stderr}`);
    }
    assert.equal((await site.store.jobs.list({ limit: 2 })).items.length, 1);
  });
}
