/** A program of this folder that runs beside a benchmark, until it is disposed. */
export interface Program extends AsyncDisposable {
  /** The first that it said. */
  readonly begun: Promise<string>;
}

/** Starts a program of this folder as a process; `env` is added to the environment. */
export function startProgram(name: string, env: Readonly<Record<string, string>> = {}): Program {
  const path = new URL(name, import.meta.url).pathname;
  const args = ["run", "--quiet", "--no-lock", "--allow-all", path];
  const child = new Deno.Command(Deno.execPath(), { args, env: { ...env }, stdout: "piped" }).spawn();
  const output = child.stdout.getReader();
  return {
    begun: output.read().then(({ value }) => new TextDecoder().decode(value).trim()),
    async [Symbol.asyncDispose]() {
      child.kill();
      await output.cancel();
      await child.status;
    },
  };
}
