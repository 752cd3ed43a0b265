import { dirname } from "node:path";
import { fileFault } from "@jobtrigger/shared/domain";

/** Writes a script that anybody may run and its owner may change. Answers in a sentence why it did not. */
export async function writeScript(path: string, content: string): Promise<string | null> {
  try {
    await Deno.writeTextFile(path, content, { createNew: true, mode: 0o755 });
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return await holds(path, content);
    if (error instanceof Deno.errors.NotFound) return `there is no directory ${dirname(path)}; make it first`;
    const reason = fileFault(error);
    if (reason === null) throw error;
    // What a full disk cut short would be in the way of the next import.
    await Deno.remove(path).catch(() => {});
    return `${path} cannot be written: ${reason}; ${adviceFor(error)}`;
  }
}

async function holds(path: string, content: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path) === content ? null : `${path} is there already, with other contents`;
  } catch (error) {
    return `${path} is there already and cannot be read: ${fileFault(error) ?? "it is no text"}`;
  }
}

function adviceFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "make room, and import again";
    case "ENOTDIR":
    case "ENAMETOOLONG":
      return "name a directory with --scripts";
    default:
      return "name a directory of this user's with --scripts, read what is written there, and put it into the script " +
        "directory as its owner, as docs/import.md says";
  }
}
