/**
 * Gives up the network as the processes do for SQLite, tries what a process might be allowed to do, and prints as JSON which of it worked. Run with the flags of a task.
 *
 * @module
 */
import { giveUpNetwork } from "../../shared/store/mod.ts";

giveUpNetwork(["sqlite:///jobs.db"]);

const attempts: Readonly<Record<string, () => unknown>> = {
  run: () => new Deno.Command("true").outputSync(),
  listenHere: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
  listenEverywhere: () => Deno.listen({ hostname: "0.0.0.0", port: 0 }).close(),
  connectOut: () => Deno.connect({ hostname: "nowhere.invalid", port: 80 }),
  writeCode: () => Deno.writeTextFileSync("shared/probe.txt", "x"),
  writeSettings: () => Deno.writeTextFileSync("deno.json", ""),
  readEnvironment: () => Deno.env.toObject(),
  readOneVariable: () => Deno.env.get("AWS_SECRET_ACCESS_KEY"),
  ffi: () => Deno.dlopen("libc.so.6", {}),
};

const allowed: string[] = [];
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    allowed.push(name);
  } catch (error) {
    // Another error than a refusal means that it was tried.
    if (!(error instanceof Deno.errors.NotCapable)) allowed.push(name);
  }
}
console.log(JSON.stringify(allowed));
