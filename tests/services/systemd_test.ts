/**
 * Each service below a systemd that the test plays: a datagram socket in place of systemd's own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { openSite, Service, type Task } from "../support/process.ts";

/** The socket on which systemd hears what a service says of itself. */
class Listener implements AsyncDisposable {
  readonly #directory: string;
  readonly #socket: Deno.DatagramConn;

  static async open(): Promise<Listener> {
    return new Listener(await Deno.makeTempDir({ prefix: "jobtrigger-notify-" }));
  }

  private constructor(directory: string) {
    this.#directory = directory;
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path: `${directory}/notify` });
  }

  /** What systemd sets in the environment of a service. */
  get env(): Readonly<Record<string, string>> {
    return { NOTIFY_SOCKET: `${this.#directory}/notify`, RUNTIME_DIRECTORY: this.#directory };
  }

  /** What a service says until it says `text`, which comes last. @throws {Error} when the service ends and has not said it. */
  async until(text: string, service: Service): Promise<readonly string[]> {
    const said: string[] = [];
    const ended = service.ended().then(() => "");
    while (!said.at(-1)?.includes(text)) {
      const next = this.#socket.receive().then(([message]) => new TextDecoder().decode(message));
      // What was said before the end is read before it.
      const heard = await Promise.race([next, ended.then(async (end) => await Promise.race([next, turns(end)]))]);
      if (heard === "") {
        throw new Error(`It ended and said ${JSON.stringify(said)}: ${JSON.stringify(await service.ended())}`);
      }
      said.push(heard);
    }
    return said;
  }

  /** The files beside the socket. */
  files(): readonly string[] {
    return Deno.readDirSync(this.#directory).map(({ name }) => name).toArray();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await Deno.remove(this.#directory, { recursive: true });
  }
}

/** `value`, once what has arrived is read. */
async function turns<Value>(value: Value): Promise<Value> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve));
  return value;
}

/** A port that nobody listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const services: readonly (readonly [task: Task, portVariable: string])[] = [
  ["scheduler", "SCHEDULER_HEALTH_PORT"],
  ["worker", "WORKER_HEALTH_PORT"],
  ["notifier", "NOTIFIER_HEALTH_PORT"],
  ["serve", "WEB_PORT"],
];

for (const [task, portVariable] of services) {
  Deno.test(`${task} tells systemd that it is ready, alive and stopping, and answers monitors on its port`, async () => {
    await using systemd = await Listener.open();
    const port = freePort();
    await using site = await openSite({ ...systemd.env, [portVariable]: String(port), SCHEDULER_POLL_INTERVAL: "0.5" });
    await using service = await Service.start(task, site.env);
    assert.ok((await systemd.until("READY=1", service)).includes("WATCHDOG=1"), "its loop turned before");
    if (task === "scheduler") await systemd.until("WATCHDOG=1", service);
    assert.deepEqual(systemd.files(), ["notify"], "its own socket has no name any more");
    for (const path of ["/livez", "/readyz"]) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      assert.deepEqual([path, response.status, await response.text()], [path, 200, "ok\n"]);
    }
    service.kill("SIGTERM");
    await systemd.until("STOPPING=1", service);
    assert.equal((await service.ended()).code, 0);
  });
}

Deno.test("a service does not start where systemd's socket cannot be used", async () => {
  for (const NOTIFY_SOCKET of ["@/abstract", "/nowhere/at/all"]) {
    await using site = await openSite({ NOTIFY_SOCKET, RUNTIME_DIRECTORY: "/nowhere" });
    await using service = await Service.start("scheduler", site.env);
    assert.equal((await service.ended()).code, 1);
    assert.match(service.lines.join("\n"), /Cannot speak with systemd/);
  }
});

Deno.test("a service does not start on a health port that another program has", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using site = await openSite({ SCHEDULER_HEALTH_PORT: String(taken.addr.port) });
  await using service = await Service.start("scheduler", site.env);
  assert.equal((await service.ended()).code, 2);
  assert.match(service.lines.join("\n"), /SCHEDULER_HEALTH_PORT: 127\.0\.0\.1:\d+ is in use/);
});
