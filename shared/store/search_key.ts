/**
 * What jobs are sorted and searched by, in any case: the name, then the script path, then the key, in lower case. Kept in a column,
 * because no database folds the case of every script by itself.
 */
export function searchKey(
  { name, scriptPath, key }: { readonly name: string; readonly scriptPath: string; readonly key: string | null },
): string {
  const parts = key === null ? [name, scriptPath] : [name, scriptPath, key];
  return parts.join("\n").toLowerCase();
}

/** Where the search keys of the jobs with exactly this name lie: from `from` on and before `before`. */
export function searchKeysOf(name: string): { readonly from: string; readonly before: string } {
  const lower = name.toLowerCase();
  // The character after a line break.
  return { from: `${lower}\n`, before: `${lower}\v` };
}
