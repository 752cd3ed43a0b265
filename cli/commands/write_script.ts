/** Writes a script that anybody may run and its owner may change. Answers in a sentence why it did not. */
export async function writeScript(path: string, content: string): Promise<string | null> {
  try {
    await Deno.writeTextFile(path, content, { createNew: true, mode: 0o755 });
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      return await Deno.readTextFile(path) === content ? null : `${path} is there already, with other contents`;
    }
    if (error instanceof Deno.errors.NotFound) return `there is no directory for ${path}; make it first`;
    if (error instanceof Deno.errors.PermissionDenied) {
      return `${path} cannot be written by this user; name a directory of this user's with --scripts, read what is ` +
        "written there, and put it into the script directory as its owner, as docs/import.md says";
    }
    throw error;
  }
}
