import { Invalid } from "@jobtrigger/shared/domain";
import type { Io } from "./io.ts";

/** Longest line that is read as a secret, in characters. */
const MOST_BYTES = 4096;

/**
 * A new password: typed twice without echo on a terminal, else the first line of standard input.
 * @throws {Invalid} when the two differ, or there is none.
 */
export async function readNewPassword(io: Io): Promise<string> {
  if (io.askHidden === null) return (await firstLines(io.stdin, ["password"]))[0] ?? "";
  const password = await io.askHidden("New password: ");
  if (password === await io.askHidden("The same again: ")) return password;
  throw wrong("the two were not the same; nothing was changed", "password");
}

/** A secret that is asked for. */
export interface AskedSecret {
  /** What a terminal shows before it is typed. */
  readonly prompt: string;
  /** What it is called in problems. */
  readonly field: string;
}

/** A secret: typed once without echo on a terminal, else the first line of standard input. @throws {Invalid} */
export async function readSecret(io: Io, asked: AskedSecret): Promise<string> {
  return (await readSecrets(io, [asked]))[0] ?? "";
}

/** Secrets: typed one after the other without echo on a terminal, else the first lines of standard input. @throws {Invalid} */
export async function readSecrets(io: Io, asked: readonly AskedSecret[]): Promise<readonly string[]> {
  if (asked.length === 0) return [];
  if (io.askHidden === null) return await firstLines(io.stdin, asked.map(({ field }) => field));
  const typed: string[] = [];
  for (const { prompt } of asked) typed.push(await io.askHidden(prompt));
  return typed;
}

async function firstLines(stdin: ReadableStream<Uint8Array>, fields: readonly string[]): Promise<readonly string[]> {
  let text = "";
  const all = fields.join(" and ");
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const bytes of stdin) {
    text += decoded(decoder, bytes, all);
    if (text.split("\n").length > fields.length) break;
    if (text.length > MOST_BYTES) throw wrong(`found a very long line on standard input, expected a ${all}`, all);
  }
  const lines = text.split(/\r?\n/);
  return fields.map((field, index) => {
    const line = lines[index] ?? "";
    if (line !== "") return line;
    const found = index === 0 ? "nothing" : `no line ${index + 1}`;
    throw wrong(`found ${found} on standard input, expected one line with the ${field}`, field);
  });
}

function decoded(decoder: TextDecoder, bytes: Uint8Array, field: string): string {
  try {
    return decoder.decode(bytes, { stream: true });
  } catch {
    throw wrong("found bytes on standard input that are not UTF-8", field);
  }
}

function wrong(message: string, field: string): Invalid {
  return new Invalid([{ field, message }]);
}
