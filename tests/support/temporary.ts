/** The directory in which this run of the tests keeps its files: TMPDIR, which `deno task test` makes anew for each run. */
export function temporaryDirectory(): string {
  return Deno.env.get("TMPDIR") ?? "/tmp";
}

/** A new directory, which is removed with all that is in it when the test ends. */
export async function openDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "jobtrigger-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
