import { Invalid } from "@jobtrigger/shared/domain";
import type { Io } from "./io.ts";

/** Longest line that is read as a secret, in characters. */
const MOST_BYTES = 4096;

/**
 * A new password: typed twice without echo on a terminal, else the first line of standard input.
 * @throws {Invalid} when the two differ, or there is none.
 */
export async function readNewPassword(io: Io): Promise<string> {
  if (io.askHidden === null) return await firstLine(io.stdin, "password");
  const password = await io.askHidden("New password: ");
  if (password === await io.askHidden("The same again: ")) return password;
  throw wrong("the two were not the same; nothing was changed", "password");
}

/** A secret called `field`: typed once without echo on a terminal, else the first line of standard input. @throws {Invalid} */
export async function readSecret(
  io: Io,
  { prompt, field }: { readonly prompt: string; readonly field: string },
): Promise<string> {
  return io.askHidden === null ? await firstLine(io.stdin, field) : await io.askHidden(prompt);
}

async function firstLine(stdin: ReadableStream<Uint8Array>, field: string): Promise<string> {
  let text = "";
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const bytes of stdin) {
    text += decoded(decoder, bytes, field);
    if (text.includes("\n")) break;
    if (text.length > MOST_BYTES) throw wrong(`found a very long line on standard input, expected a ${field}`, field);
  }
  const [line = ""] = text.split(/\r?\n/);
  if (line === "") throw wrong(`found nothing on standard input, expected one line with the ${field}`, field);
  return line;
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
