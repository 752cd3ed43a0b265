/**
 * What jobs are sorted and searched by, in any case: the name, then the script path, in lower case. Kept in a column, because
 * no database folds the case of every script by itself.
 */
export function searchKey(job: { readonly name: string; readonly scriptPath: string }): string {
  return `${job.name}\n${job.scriptPath}`.toLowerCase();
}
