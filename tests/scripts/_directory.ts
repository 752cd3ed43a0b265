import { dirname } from "node:path";

/** A directory of scripts that goes away with its test. */
export interface ScriptDirectory extends AsyncDisposable {
  /** Real path, as `resolveScript()` answers it. */
  readonly path: string;
  /** Writes a file, its folders too; 0o644 unless told. */
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
      // Not as it is made, where the umask would have a say.
      await Deno.chmod(`${path}/${name}`, mode);
    },
    link: (target, name) => Deno.symlink(target, `${path}/${name}`),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
