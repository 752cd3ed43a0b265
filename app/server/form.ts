import { HttpError } from "fresh";

/** Largest body of a form, in bytes. */
export const FORM_MAX_BYTES = 262_144;

/**
 * Reads the fields of a posted form, never more than {@linkcode FORM_MAX_BYTES} of it.
 *
 * @throws {HttpError} 413 when it is longer, 415 when it is not a form.
 */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "nothing";
  if (type.split(";")[0]?.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new HttpError(415, `Cannot read ${type}: expected application/x-www-form-urlencoded`);
  }
  if (Number(request.headers.get("content-length") ?? 0) > FORM_MAX_BYTES) throw tooLarge();
  let length = 0;
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > FORM_MAX_BYTES) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return new URLSearchParams(text + decoder.decode());
}

/** The path to return to from a form, if it is on this site; else `fallback`. */
export function backTo(form: URLSearchParams, fallback: string): string {
  const path = form.get("back") ?? "";
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : fallback;
}

function tooLarge(): HttpError {
  return new HttpError(413, `The form is larger than ${FORM_MAX_BYTES / 1024} KiB`);
}
