/** The directory in which this run of the tests keeps its files: TMPDIR, which `deno task test` makes anew for each run. */
export function temporaryDirectory(): string {
  return Deno.env.get("TMPDIR") ?? "/tmp";
}
