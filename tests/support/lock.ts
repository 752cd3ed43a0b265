import { join } from "node:path";
import { temporaryDirectory } from "./temporary.ts";

/** Does `work` while no other test file, in this process or another, does work under the same name. */
export async function withLock<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  using file = await Deno.open(join(temporaryDirectory(), `jobtrigger-${name}.lock`), { create: true, write: true });
  await file.lock(true);
  return await work();
}
