import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openSiteOn, runTask, Service, type Site, type Task } from "../support/process.ts";
import { DATABASES } from "../support/store.ts";
import { throughPortal } from "../cli/_reach.ts";
import { WORKED } from "./_probe.ts";

/** The portal may reach an identity provider, by a thread of its own: the rest of the process may not. */
const WEB_SETTINGS = {
  WEB_PORT: "0",
  WEB_PUBLIC_URL: "https://jobs.example.com",
  WEB_OIDC_ISSUER: "https://sso.example.com",
  WEB_OIDC_CLIENT_ID: "portal",
  WEB_OIDC_CLIENT_SECRET: "granite-otter-lantern",
  WEB_OIDC_DEFAULT_ROLE: "viewer",
};

/** The rights that PostgreSQL adds: Deno cannot narrow the network to a host while a process runs. */
const onNetwork = ["listenHere", "connect", "fetch"];

/** Each service, the line it logs when it has started, and its remaining rights on any database. */
const services: readonly (readonly [task: Task, ready: RegExp, may: readonly string[]])[] = [
  ["scheduler", /scheduler.* has started/, []],
  [
    "worker",
    /worker.* has started/,
    // It runs programs, so a narrower choice of files to read would hold nothing back; WORKER_SCRIPT_USER needs its own user.
    ["run", "signal", "readForeignFile", "readTestsFile", "readUserId", "runFromThread"],
  ],
  // It carries alerts to wherever people say.
  ["notifier", /notifier.* has started/, onNetwork],
  ["serve", /The portal has started/, []],
];

for (const [database, open] of Object.entries(DATABASES)) {
  const network = database === "PostgreSQL" ? onNetwork : [];

  for (const [task, ready, may] of services) {
    // The web may listen on all addresses, and cannot give that up without the rest of the network.
    const everywhere = task === "serve" && network.length > 0 ? ["listenEverywhere", "listenEverywhereOnIpv6"] : [];
    const can = [...new Set([...may, ...network, ...everywhere])];
    Deno.test(`once ${task} is open on ${database}, it may ${can.join(", ") || "touch nothing"}`, async () => {
      await using site = await openSiteOn(open, WEB_SETTINGS);
      await using ground = await layOut(site);
      await using service = await Service.start(task, site.env, [], ground.flags);
      await service.line(ready);
      service.kill("SIGUSR2");
      assert.deepEqual(attemptsIn(await service.line(new RegExp(WORKED))).toSorted(), can.toSorted());
    });
  }

  for (const [task, args] of [["jobctl", ["jobs", "list"]], ["migrate", []]] as const) {
    const can = ["readForeignFile", "readTestsFile", ...network.filter((name) => name === "listenHere")];
    Deno.test(`until ${task} ends on ${database}, it may ${can.join(", ")}`, async () => {
      await using site = await openSiteOn(open);
      await using ground = await layOut(site);
      const { code, stdout, stderr } = await runTask(task, { args, env: site.env, flags: ground.flags });
      assert.equal(code, 0, stderr);
      const line = stdout.split("\n").find((each) => each.startsWith(WORKED)) ?? assert.fail(stdout);
      assert.deepEqual(attemptsIn(line).toSorted(), can.toSorted());
    });
  }
}

Deno.test("until jobctl ends with a portal, it may read no file but its own, and reach the network", async () => {
  await using site = await throughPortal(await openSiteOn(DATABASES.SQLite));
  await using ground = await layOut(site);
  const { code, stdout, stderr } = await runTask("jobctl", {
    args: ["jobs", "list"],
    env: site.env,
    flags: ground.flags,
  });
  assert.equal(code, 0, stderr);
  const line = stdout.split("\n").find((each) => each.startsWith(WORKED)) ?? assert.fail(stdout);
  // Deno cannot narrow the network to a host while a process runs.
  assert.deepEqual(attemptsIn(line), ["listenHere"]);
});

/** Makes the targets of a probe, and the flags that load it into a process. */
async function layOut({ env }: Site): Promise<{ readonly flags: readonly string[] } & AsyncDisposable> {
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-probe-" });
  const root = Deno.cwd();
  await Deno.mkdir(`${directory}/.ssh`);
  await Deno.writeTextFile(`${directory}/.ssh/known_hosts`, "");
  await Deno.symlink(`${root}/services`, `${directory}/code`);
  const probe = JSON.stringify(fileURLToPath(import.meta.resolve("./_probe.ts")));
  const ground = JSON.stringify({ directory, scripts: env["SCRIPTS_DIR"], root });
  await Deno.writeTextFile(`${directory}/preload.ts`, `import { watch } from ${probe};\nwatch(${ground});\n`);
  return {
    flags: [`--preload=${directory}/preload.ts`],
    async [Symbol.asyncDispose]() {
      await Deno.remove(directory, { recursive: true });
      // What a process that may too much has left.
      const left = ["node_modules/probe", "services/probe", "_fresh/probe"];
      await Promise.all(left.map((path) => Deno.remove(`${root}/${path}`).catch(() => {})));
    },
  };
}

function attemptsIn(line: string): readonly string[] {
  return JSON.parse(line.slice(WORKED.length));
}
