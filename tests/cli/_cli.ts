import assert from "node:assert/strict";
import type { Io } from "../../cli/io.ts";
import { runJobctl } from "../../cli/program.ts";
import { type Clock, systemClock } from "../../shared/time/mod.ts";

/** What a command left behind. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly ended: Promise<Said>;
  /** Resolves once standard output holds `text`; rejects when the command ends without. */
  prints(text: string): Promise<void>;
  /** What the first Ctrl-C does to a command that has asked for it. */
  interrupt(): void;
}

/** What a command runs in. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly isTerminal?: boolean;
  /** How large the terminal is. */
  readonly size?: { readonly columns: number; readonly rows: number };
  /** Whether NO_COLOR is set. */
  readonly noColor?: boolean;
  /** What is typed as answers to questions, line by line; absent: standard input is no terminal. */
  readonly answers?: readonly string[];
  /** What is typed where the terminal shows nothing, line by line; absent: standard input is no terminal. */
  readonly typed?: readonly string[];
  /** The machine's clock. */
  readonly clock?: Clock;
}

/** Starts jobctl in this process, with streams of the test. */
export function start(
  args: readonly string[],
  { env = {}, stdin = "", isTerminal = false, size, noColor = false, typed, answers, clock = systemClock }:
    Surroundings,
): Running {
  const stop = new AbortController();
  let printed = Promise.withResolvers<void>();
  const lines = [...typed ?? []];
  const replies = [...answers ?? []];
  let awaited: string | null = null;
  let [stdout, stderr] = ["", ""];
  const decoders = { out: new TextDecoder(), err: new TextDecoder() };
  let hasEnded = false;
  const unprinted = () => new Error(`It ended without printing ${awaited}:\n${stdout}${stderr}`);
  const look = () => awaited !== null && stdout.includes(awaited) && printed.resolve();
  const io: Io = {
    clock,
    env: (name) => env[name],
    isTerminal,
    stdin: new Blob([stdin]).stream(),
    size: () => size ?? { columns: 200, rows: 50 },
    noColor,
    askHidden: typed === undefined ? null : () => Promise.resolve(lines.shift() ?? ""),
    ask: answers === undefined ? null : async (prompt) => {
      await io.err(prompt);
      return replies.shift() ?? "";
    },
    user: "jobctl",
    out(text) {
      stdout += typeof text === "string" ? text : decoders.out.decode(text, { stream: true });
      look();
      return Promise.resolve();
    },
    err(text) {
      stderr += typeof text === "string" ? text : decoders.err.decode(text, { stream: true });
      return Promise.resolve();
    },
    interruption: () => stop.signal,
  };
  const ended = runJobctl(args, io).then((code) => {
    hasEnded = true;
    printed.reject(unprinted());
    return { code, stdout, stderr };
  });
  printed.promise.catch(() => {});
  return {
    ended,
    prints(text) {
      awaited = text;
      if (hasEnded) return Promise.reject(unprinted());
      printed = Promise.withResolvers<void>();
      printed.promise.catch(() => {});
      look();
      return printed.promise;
    },
    interrupt: () => stop.abort(),
  };
}

/** Runs jobctl in this process to its end. */
export function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Said> {
  return start(args, surroundings).ended;
}

/** Runs jobctl with `--json`, sees that it is content, and answers what it printed. */
export async function json(args: readonly string[], surroundings: Surroundings = {}): Promise<unknown> {
  const { code, stdout, stderr } = await run([...args, "--json"], surroundings);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return JSON.parse(stdout);
}

/** `value` with what differs from run to run replaced by what it is; anything else in its place would be seen. */
export function shape(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inner) => {
    if (typeof inner !== "string") return inner;
    if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(inner)) return "<instant>";
    return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(inner) ? "<uuid>" : inner;
  }));
}
