import { HOSTILE, type Hostile } from "./_scripts.ts";

/** A corpus whose processes can be told from all others of the machine by their arguments, whatever their environment. */
export function corpusOf(
  of: readonly Hostile[] = HOSTILE,
): { readonly sign: string; readonly scripts: readonly Hostile[] } {
  // How long they sleep: in no other command.
  const sign = String(600_000_000 + (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 100_000_000);
  return { sign, scripts: of.map((script) => ({ ...script, text: script.text.replaceAll("600", sign) })) };
}

/** The living processes that have `sign` in their arguments. */
export async function left(sign: string): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-ww", "-eo", "pid=,stat=,args="] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(sign) && !/^\s*\d+ Z/.test(line));
}
