import { dirname } from "node:path";

/** A directory of scripts that goes away with its test. */
export interface ScriptDirectory extends AsyncDisposable {
  /** Real path, as `resolveScript()` answers it. */
  readonly path: string;
  /** Writes a file and its folders; the default mode is 0o644. */
  write(
    path: string,
    options?: { readonly text?: string | Uint8Array<ArrayBuffer>; readonly mode?: number },
  ): Promise<void>;
  link(target: string, path: string): Promise<void>;
}

/** Makes an empty one. */
export async function scriptDirectory(): Promise<ScriptDirectory> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "jobtrigger-scripts-" }));
  return {
    path,
    async write(name, { text = "", mode = 0o644 } = {}) {
      await Deno.mkdir(dirname(`${path}/${name}`), { recursive: true });
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      await Deno.writeFile(`${path}/${name}`, bytes);
      // Set the mode afterwards, because the umask limits the mode of a new file.
      await Deno.chmod(`${path}/${name}`, mode);
    },
    link: (target, name) => Deno.symlink(target, `${path}/${name}`),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
