import { nearest } from "../domain/mod.ts";

/** The script that a wrong path most likely means: the same file name elsewhere, or the nearest path. Null when none is near. */
export function nearestScript(path: string, scripts: readonly string[]): string | null {
  const file = lastSegment(path).toLowerCase();
  return scripts.find((script) => lastSegment(script).toLowerCase() === file) ?? nearest(path, scripts);
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
