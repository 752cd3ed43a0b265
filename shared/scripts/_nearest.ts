/** Names longer than this are not compared: the work grows with the product of the lengths. */
const MAX_LENGTH = 200;

/**
 * The name that somebody who typed `typed` most likely meant: the same file name in another folder, or the name with the fewest
 * characters changed, at most a third of them. Null when none is near.
 */
export function nearestName(typed: string, names: readonly string[]): string | null {
  if (typed.length > MAX_LENGTH) return null;
  const file = lastSegment(typed).toLowerCase();
  const elsewhere = names.find((name) => lastSegment(name).toLowerCase() === file);
  if (elsewhere !== undefined) return elsewhere;

  let nearest: string | null = null;
  let least = Math.floor(typed.length / 3) + 1;
  for (const name of names) {
    if (name.length > MAX_LENGTH || Math.abs(name.length - typed.length) >= least) continue;
    const changes = editDistance(typed.toLowerCase(), name.toLowerCase());
    if (changes < least) [nearest, least] = [name, changes];
  }
  return nearest;
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Levenshtein's distance: insertions, deletions and replacements from `a` to `b`, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
