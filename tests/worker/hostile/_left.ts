import { hasPython } from "../../support/python.ts";
import { HOSTILE, type Hostile } from "./_scripts.ts";

/** A corpus whose processes are recognised among all of the machine by their arguments, whatever their environment. */
export function corpusOf(
  of: readonly Hostile[] = HOSTILE.filter(({ needsPython }) => hasPython || needsPython !== true),
): { readonly sign: string; readonly scripts: readonly Hostile[] } {
  // A time to sleep that no other command has.
  const sign = String(600_000_000 + (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 100_000_000);
  return { sign, scripts: of.map((script) => ({ ...script, text: script.text.replaceAll("600", sign) })) };
}

/** The living processes with `sign` in their arguments, each as its pid and arguments; zombies are dead. */
export async function left(sign: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name: pid } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    // The file is empty for one that has ended, and gone once it was reaped.
    const args = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    if (args.includes(sign)) found.push(`${pid} ${args.replaceAll("\0", " ").trim()}`);
  }
  return found;
}
