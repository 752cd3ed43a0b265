/** The fields and buttons that send an idempotency key. */
export const KEYS = ":is(input[type=hidden], button)[name=key]";

/** Gives each form of a part its own idempotency key: the server rendered the part once for everybody who looks at the page. */
export function renewKeys(part: ParentNode): void {
  for (const field of part.querySelectorAll<HTMLInputElement | HTMLButtonElement>(KEYS)) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    field.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}
