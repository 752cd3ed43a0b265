/** Whether a path is that of a webhook. Whoever asks there is known by the delivery alone: no cookie, no session, no token of the API. */
export function isHookPath(path: string): boolean {
  return path.startsWith("/hooks/");
}
