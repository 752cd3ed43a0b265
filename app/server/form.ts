import { HttpError } from "fresh";
import { readText } from "./body.ts";

/** Largest body of a form, in bytes. */
const FORM_MAX_BYTES = 262_144;

/** Longest path that somebody is sent on to. */
const PATH_MAX = 2000;

/** The forms that were read, so that an error page can give one back. */
const read = new WeakMap<Request, Promise<URLSearchParams>>();

/**
 * Reads the fields of a posted form, the second time what the first has read, never more than {@linkcode FORM_MAX_BYTES} of it.
 *
 * @throws {HttpError} 413 when it is longer, 415 when it is not a form.
 */
export function readForm(request: Request): Promise<URLSearchParams> {
  const form = read.get(request) ?? readBody(request);
  read.set(request, form);
  return form;
}

async function readBody(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get("content-type") ?? "nothing";
  if (type.split(";")[0]?.trim().toLowerCase() !== "application/x-www-form-urlencoded") {
    throw new HttpError(415, `Cannot read ${type}: expected application/x-www-form-urlencoded`);
  }
  return new URLSearchParams(await readText(request, FORM_MAX_BYTES));
}

/** The path to return to from a form, if it is on this site; else `fallback`. */
export function backTo(form: URLSearchParams, fallback: string): string {
  return safePath(form.get("back") ?? "", fallback);
}

/**
 * `path` where it is a path of this site, however a browser reads it, else `fallback`. One that is `//…` once its dots are resolved is
 * none either: whoever resolves it and passes it on names another site.
 */
export function safePath(path: string, fallback: string): string {
  if (path.length > PATH_MAX || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path)) return fallback;
  const origin = "http://own.invalid";
  const url = URL.parse(path, origin);
  return url?.origin === origin && !url.pathname.startsWith("//") ? path : fallback;
}

/**
 * Reads a posted form that has these fields and no others, each once but `lists`: what a page does not ask for is no oversight.
 * @throws {HttpError} 400 that names the field.
 */
export async function readFields(
  request: Request,
  names: readonly string[],
  lists: readonly string[] = [],
): Promise<URLSearchParams> {
  const form = await readForm(request);
  for (const name of new Set(form.keys())) {
    const shown = JSON.stringify(name.slice(0, 40));
    if (!names.includes(name) && !lists.includes(name)) throw new HttpError(400, `The form has no field ${shown}`);
    if (!lists.includes(name) && form.getAll(name).length > 1) throw new HttpError(400, `The form has ${shown} twice`);
  }
  return form;
}
