/** Redirects after a form has done its work: the browser loads `path` with GET. */
export function seeOther(path: string): Response {
  return new Response(null, { status: 303, headers: { location: path } });
}

/** A path of this site, whose page says what was done. `code`: see `app/components/Notice.tsx`. */
export function withNotice(path: string, code: string): string {
  const url = new URL(path, "http://own.invalid");
  url.searchParams.set("notice", code);
  return `${url.pathname}${url.search}${url.hash}`;
}
