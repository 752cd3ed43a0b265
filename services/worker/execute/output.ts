/**
 * A script's output, from its pipes to the caller, in memory that does not grow with it.
 *
 * ```
 *  stdout ─┐          ┌▶ head: first half of the limit ─▶ passed on as it comes ─────────┐
 *          ├─▶ take ──┤                                                                  ├─▶ onOutput
 *  stderr ─┘          └▶ tail: ring, last half of the limit ─▶ passed on after the end ──┘
 * ```
 *
 * Reading never waits for the caller: output waits in the head, up to half the limit, and then in the ring. So a slow
 * database slows no script down, and a flood takes at most the limit in memory. The limit counts the bytes that the script
 * wrote; bytes that are not UTF-8 grow to three each when passed on.
 *
 * @module
 */
import type { EpochMs, LogStream } from "@jobtrigger/shared/domain";
import type { Clock } from "@jobtrigger/shared/time";
import { Spool, type SpooledChunk } from "./_spool.ts";
import type { OutputChunk } from "./types.ts";

type Pipe = "stdout" | "stderr";

/** Bytes decoded at once: each can become three (U+FFFD), so that a chunk stays under 64 KiB. */
const SLICE_BYTES = 16 * 1_024;

/** Most bytes after the first of a character (RFC 3629). */
const MAX_CONTINUATION = 3;

/** What {@linkcode Output} needs. */
export interface OutputOptions {
  readonly limitBytes: number;
  readonly clock: Clock;
  readonly onOutput: (chunk: OutputChunk) => void | Promise<void>;
  /** Called with the error of `onOutput`, after which nothing is passed on, or of a pipe that could not be read. */
  readonly onFailure: (error: unknown) => void;
}

/** Collects and passes on the output of one run. */
export class Output {
  readonly #options: OutputOptions;
  readonly #headBytes: number;
  readonly #head: Spool<Pipe>;
  readonly #tail: Spool<Pipe>;
  readonly #readers: ReadableStreamDefaultReader<Uint8Array>[] = [];
  readonly #decoders: Record<Pipe, TextDecoder> = { stdout: decoder(), stderr: decoder() };
  #accepted = 0;
  #headClosed = false;
  #heldBack: "no" | "unsaid" | "said" = "no";
  #lost = 0;
  #bytes = 0;
  #atLineStart = true;
  #passing: Promise<void> | null = null;
  #failed = false;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.#headBytes = Math.ceil(options.limitBytes / 2);
    this.#head = new Spool(this.#headBytes);
    this.#tail = new Spool(options.limitBytes - this.#headBytes);
  }

  /** Bytes read so far, kept or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether bytes were lost in the middle. */
  get truncated(): boolean {
    return this.#lost > 0;
  }

  /**
   * Reads a pipe to its end and takes what `filter` answers for each chunk. Resolves there, or when
   * {@linkcode Output.abandon} is called; never rejects.
   */
  async read(
    pipe: Pipe,
    stream: ReadableStream<Uint8Array>,
    filter: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
  ): Promise<void> {
    const reader = stream.getReader();
    this.#readers.push(reader);
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) this.take(pipe, filter(read.value));
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  /** Stops reading, because a process that cannot be ended holds a pipe. */
  async abandon(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.cancel()));
  }

  /** Passes on the rest. Call once, after reading. */
  async finish(): Promise<void> {
    while (this.#passing !== null) await this.#passing;
    await this.#guard(() => this.#passTail());
  }

  /** Takes bytes that a pipe has given. */
  take(pipe: Pipe, bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#failed || bytes.length === 0) return;
    const at = this.#options.clock.now();
    const forHead = this.#headClosed ? 0 : wholeCharacters(bytes, this.#headBytes - this.#accepted);
    if (forHead > 0) {
      this.#head.push(pipe, at, bytes.subarray(0, forHead));
      this.#accepted += forHead;
    }
    if (forHead < bytes.length || this.#head.crowded) this.#headClosed = true;
    if (forHead < bytes.length) {
      if (this.#heldBack === "no") this.#heldBack = "unsaid";
      this.#lost += this.#tail.push(pipe, at, bytes.subarray(forHead));
    }
    this.#passing ??= this.#passHead();
  }

  /** Runs while there is something to pass on; a `take()` after its end starts it again. */
  async #passHead(): Promise<void> {
    // Include output that the other pipe has ready in this turn.
    await Promise.resolve();
    await this.#guard(async () => {
      await this.#passAll(this.#head);
      if (this.#heldBack !== "unsaid") return;
      this.#heldBack = "said";
      await this.#remark(`over ${count(this.#accepted)} bytes: what follows is held back until the script has ended`);
    });
    // Output that came while this loop was ending started no new loop, so start one now.
    const hasMore = !this.#failed && (this.#head.length > 0 || this.#heldBack === "unsaid");
    this.#passing = hasMore ? this.#passHead() : null;
  }

  async #passTail(): Promise<void> {
    if (this.truncated) {
      await this.#flush();
      const first = this.#tail.shift(SLICE_BYTES);
      const bytes = first?.bytes.subarray(brokenCharacter(first.bytes));
      this.#lost += (first?.bytes.length ?? 0) - (bytes?.length ?? 0);
      await this.#remark(`${count(this.#lost)} bytes left out here: LOG_MAX_BYTES is ${this.#options.limitBytes}`);
      if (first !== null && bytes !== undefined) await this.#decode({ ...first, bytes });
    }
    await this.#passAll(this.#tail);
    await this.#flush();
  }

  async #guard(pass: () => Promise<void>): Promise<void> {
    if (this.#failed) return;
    try {
      await pass();
    } catch (error) {
      this.#failed = true;
      this.#options.onFailure(error);
    }
  }

  async #passAll(spool: Spool<Pipe>): Promise<void> {
    for (let chunk = spool.shift(SLICE_BYTES); chunk !== null; chunk = spool.shift(SLICE_BYTES)) {
      await this.#decode(chunk);
    }
  }

  async #decode({ stream, at, bytes }: SpooledChunk<Pipe>): Promise<void> {
    await this.#pass(stream, at, this.#decoders[stream].decode(bytes, { stream: true }));
  }

  /** Passes on U+FFFD for characters that were cut off at the end. */
  async #flush(): Promise<void> {
    const at = this.#options.clock.now();
    await this.#pass("stdout", at, this.#decoders.stdout.decode());
    await this.#pass("stderr", at, this.#decoders.stderr.decode());
  }

  async #remark(text: string): Promise<void> {
    await this.#pass("system", this.#options.clock.now(), `${this.#atLineStart ? "" : "\n"}… ${text} …\n`);
  }

  async #pass(stream: LogStream, at: EpochMs, text: string): Promise<void> {
    if (text === "") return;
    this.#atLineStart = text.endsWith("\n");
    await this.#options.onOutput({ stream, at, data: text.replaceAll("\0", "\uFFFD") });
  }
}

function decoder(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

/** How many of `bytes` fit into `room` without cutting a character in two. */
function wholeCharacters(bytes: Uint8Array, room: number): number {
  if (bytes.length <= room) return bytes.length;
  let end = room;
  while (end > 0 && room - end < MAX_CONTINUATION && isContinuation(bytes[end])) end--;
  return end;
}

/** How many bytes at the beginning of `bytes` are the end of a character that began before. */
function brokenCharacter(bytes: Uint8Array): number {
  let start = 0;
  while (start < MAX_CONTINUATION && isContinuation(bytes[start])) start++;
  return start;
}

/** Whether a byte of UTF-8 is not the first of its character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function count(bytes: number): string {
  return bytes.toLocaleString("en-US");
}
