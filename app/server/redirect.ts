/** Redirects after a form has done its work: the browser loads `path` with GET. */
export function seeOther(path: string): Response {
  return new Response(null, { status: 303, headers: { location: path } });
}
