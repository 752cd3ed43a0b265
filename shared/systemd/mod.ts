/**
 * What a service says to systemd about itself (sd_notify(3)): that it is ready, that its loop turns, that it stops.
 *
 * systemd listens on a datagram socket, to which Deno sends only with the permission `unix:PATH` of the network. A service gives
 * the network up when it starts, and Deno cannot narrow it to one socket while a process runs. So a thread that may send to that
 * socket, and may do nothing else, passes the messages on. It sends nothing of its own: a loop that hangs is silent, and systemd
 * ends the unit when `WatchdogSec` is over. Without systemd there is no thread. See
 * `docs/decisions/0013-a-thread-speaks-with-systemd.md`.
 *
 * @module
 */

/** Messages that say no more than "alive" are at least this far apart, in milliseconds: a busy loop turns often. */
const ALIVE_EVERY_MS = 1000;

/** How long a service that ends waits for the thread, in milliseconds. */
const LAST_WORDS_MS = 1000;

/** What a service says to who has started it. */
export interface Supervisor {
  /** It works from now on. */
  ready(): void;
  /** What it does, in a sentence, for `systemctl status`. */
  status(text: string): void;
  /** Its loop turns. */
  alive(): void;
  /** It ends in order. Resolves when that is said: a process that ends earlier takes the thread and its message with it. */
  stopping(): Promise<void>;
}

/** Nobody listens. */
const NO_SUPERVISOR: Supervisor = { ready() {}, status() {}, alive() {}, stopping: () => Promise.resolve() };

/** What the thread needs to begin: where it sends from, and where systemd listens. */
export interface ThreadSockets {
  /** The socket that the thread makes, and removes at once: nobody answers. */
  readonly from: string;
  /** The socket of systemd. */
  readonly to: string;
}

/** The variables that systemd sets. */
export const SYSTEMD_VARIABLES = ["NOTIFY_SOCKET", "RUNTIME_DIRECTORY"] as const;

/**
 * Connects to systemd where it has started this process, before the process gives its permissions up.
 *
 * @throws {Error} when systemd is to be spoken with and cannot.
 */
export async function openSupervisor(
  env: (name: typeof SYSTEMD_VARIABLES[number]) => string | undefined,
): Promise<Supervisor> {
  const to = env("NOTIFY_SOCKET") ?? "";
  if (to === "") return NO_SUPERVISOR;
  if (!to.startsWith("/")) {
    throw new Error(`Cannot speak with systemd: NOTIFY_SOCKET is "${to}", expected the path of a socket`);
  }
  const directory = env("RUNTIME_DIRECTORY")?.split(":")[0] ?? "/tmp";
  // A short name: the path of a socket has at most 107 bytes.
  const { send, allSent } = await startThread({ from: `${directory}/${crypto.randomUUID().slice(0, 8)}`, to });
  let aliveAt = -Infinity;
  return {
    ready: () => send("READY=1\nSTATUS=Working"),
    status: (text) => send(`STATUS=${text.replace(/\s+/g, " ")}`),
    alive: () => {
      const now = performance.now();
      if (now - aliveAt < ALIVE_EVERY_MS) return;
      aliveAt = now;
      send("WATCHDOG=1");
    },
    stopping() {
      send("STOPPING=1\nSTATUS=Stopping");
      return allSent();
    },
  };
}

/** The thread: what passes a message on, and what resolves when all are sent. */
interface Thread {
  send(message: string): void;
  allSent(): Promise<void>;
}

async function startThread(sockets: ThreadSockets): Promise<Thread> {
  const paths = [sockets.from, sockets.to];
  const none = { env: false, ffi: false, import: false, run: false, sys: false } as const;
  const thread = new Worker(new URL("./notify_thread.ts", import.meta.url), {
    type: "module",
    name: "systemd",
    deno: { permissions: { ...none, net: paths.map((path) => `unix:${path}`), read: paths, write: paths } },
  });
  await new Promise<void>((resolve, reject) => {
    thread.onmessage = ({ data }: MessageEvent<string>) => {
      if (data === "") resolve();
      else reject(new Error(`Cannot speak with systemd at ${sockets.to}: ${data}`));
    };
    thread.onerror = ({ message }) => reject(new Error(`The thread that speaks with systemd cannot start: ${message}`));
    thread.postMessage(sockets);
  });
  return {
    send: (message) => thread.postMessage(message),
    allSent: () =>
      new Promise((resolve) => {
        thread.onmessage = () => resolve();
        thread.postMessage(null);
        Deno.unrefTimer(setTimeout(resolve, LAST_WORDS_MS));
      }),
  };
}
