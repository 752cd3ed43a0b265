const SAID_MS = 2_000;

/**
 * Copies the text of a button with `data-copy`. Browsers let pages copy over TLS and on the machine itself only; elsewhere the text
 * beside the button is selected, so that the person's own keys copy it.
 */
export function copyOnClick(target: Element | null): void {
  const button = target?.closest<HTMLElement>("[data-copy]");
  if (button) void copy(button);
}

async function copy(button: HTMLElement): Promise<void> {
  const place = button.querySelector("[role=status]");
  const say = (text: string) => {
    if (place === null) return;
    place.textContent = text;
    setTimeout(() => {
      if (place.textContent === text) place.textContent = "";
    }, SAID_MS);
  };
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    say("Copied");
  } catch {
    const text = button.parentElement?.querySelector("[data-copied]");
    if (text) getSelection()?.selectAllChildren(text);
    say("Selected: now copy it with your keys");
  }
}
