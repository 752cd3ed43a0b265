/**
 * Recognises that `setsid`, or `setpriv` for scripts of another user, could not execute the script.
 *
 * Both write one line to stderr, `setsid: failed to execute COMMAND: REASON`, and exit with 127 (not found) or 126. A script
 * may exit with these codes too, so three things must match: the code, the line, and no other byte on either pipe. Stderr
 * that begins like the line is held back until then, so that no log shows the line. A script that writes exactly this line
 * about its own program counts as one that could not start; it has failed either way.
 *
 * @module
 */

/** Why a command could not be executed. */
export interface ExecError {
  readonly kind: "not found" | "permission denied" | "other";
  /** The system's message. */
  readonly text: string;
}

const PREFIX = /^(?:setsid|setpriv): /;

/** Longer than any line of setsid's: a path has at most 4,096 bytes. */
const MAX_BYTES = 8_192;

/** Watches the stderr of a command started through setsid. */
export class FailedExec {
  readonly #command: string;
  #held: Uint8Array = new Uint8Array(0);
  #isOver = false;

  constructor(command: string) {
    this.#command = command;
  }

  /** Takes bytes of stderr; returns all bytes so far that are certainly the script's. */
  filter(bytes: Uint8Array): Uint8Array {
    if (this.#isOver) return bytes;
    const all = concat(this.#held, bytes);
    this.#isOver = !mayBeSetsid(all);
    this.#held = this.#isOver ? new Uint8Array(0) : all;
    return this.#isOver ? all : this.#held.subarray(0, 0);
  }

  /** The bytes held back so far. */
  get held(): Uint8Array {
    return this.#held;
  }

  /** Why the command could not be executed, if only the held-back bytes were written; null: it was executed. */
  error({ code }: Pick<Deno.CommandStatus, "code">): ExecError | null {
    if (code !== 126 && code !== 127) return null;
    // "failed to execute X: ", "can't execute 'X': ", or in the language of the script's LANG; X is not part of a word.
    const line = new RegExp(`${PREFIX.source}(?:.*[ '"‘“«])?${RegExp.escape(this.#command)}(?:[ '"’”»].*)?: (.*)\n$`);
    const text = line.exec(decode(this.#held))?.[1];
    if (text === undefined) return null;
    if (code === 127) return { kind: "not found", text };
    return { kind: text === "Permission denied" ? "permission denied" : "other", text };
  }
}

function mayBeSetsid(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_BYTES) return false;
  const text = decode(bytes);
  // setsid writes its name in one write and the rest in others.
  return PREFIX.test(text) && /^[^\n]*\n?$/.test(text);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
