const SAID_MS = 2_000;

/**
 * Copies what a button with `data-copy` stands beside: the text of `[data-copied]`, else the address of the page, with the lines that
 * it names. Where the browser refuses, the text is selected, so that the person's own keys copy it.
 */
export async function copyBeside(button: HTMLElement): Promise<void> {
  const place = button.querySelector("[role=status]");
  const beside = button.parentElement?.querySelector("[data-copied]") ?? null;
  const isDone = await copyText(beside?.textContent ?? location.href);
  if (!isDone && beside !== null) getSelection()?.selectAllChildren(beside);
  const text = isDone ? "Copied" : "Selected: now copy it with your keys";
  if (place === null) return;
  place.textContent = text;
  setTimeout(() => {
    if (place.textContent === text) place.textContent = "";
  }, SAID_MS);
}

/** Puts text on the clipboard, over plain http too, where pages may not write to it by themselves. False: the browser refused. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "sr";
    document.body.append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return isDone;
  }
}
