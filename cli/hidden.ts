/** What ends or changes a line that is typed in raw mode. */
const [ENTER, LINE_FEED, END, INTERRUPT, DELETE, BACKSPACE, CLEAR] = ["\r", "\n", "\x04", "\x03", "\x7f", "\b", "\x15"];

/**
 * Asks on standard error for a line that is typed on the terminal, without showing it. Ctrl-C ends the process; Ctrl-U starts over.
 */
export async function askHidden(prompt: string): Promise<string> {
  // Before the prompt: what somebody types at once is not shown either.
  Deno.stdin.setRaw(true);
  try {
    await Deno.stderr.write(new TextEncoder().encode(prompt));
    return await typedLine();
  } finally {
    Deno.stdin.setRaw(false);
    await Deno.stderr.write(new TextEncoder().encode("\n"));
  }
}

/** What was typed behind the end of the last line: it belongs to the next. */
let rest: readonly string[] = [];

async function typedLine(): Promise<string> {
  let typed: readonly string[] = [];
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  for (;;) {
    for (const [index, char] of rest.entries()) {
      if (char === ENTER || char === LINE_FEED || char === END) {
        rest = rest.slice(index + 1);
        return typed.join("");
      }
      if (char === INTERRUPT) {
        Deno.stdin.setRaw(false);
        Deno.exit(130);
      }
      if (char === CLEAR) typed = [];
      else typed = char === DELETE || char === BACKSPACE ? typed.slice(0, -1) : [...typed, char];
    }
    const count = await Deno.stdin.read(buffer);
    if (count === null) return typed.join("");
    rest = [...decoder.decode(buffer.subarray(0, count), { stream: true })];
  }
}
