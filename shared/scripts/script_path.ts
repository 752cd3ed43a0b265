/** Longest path accepted, in UTF-16 code units. */
const MAX_LENGTH = 1_024;

/**
 * The problem of a script path as somebody typed it, in a sentence; null when it may name a script. Looks at the text
 * alone: whether there is such a script is for {@linkcode resolveScript} to say.
 *
 * ```ts
 * import { checkScriptPath } from "@jobtrigger/shared/scripts";
 *
 * checkScriptPath("nightly/backup.sh"); // null
 * checkScriptPath("../backup.sh"); // "A script path must not contain \"..\" …"
 * ```
 */
export function checkScriptPath(path: string): string | null {
  if (path === "") return "A script path is needed, such as nightly/backup.sh";
  if (path.length > MAX_LENGTH) {
    return `A script path has at most ${MAX_LENGTH.toLocaleString("en-US")} characters, not ${
      path.length.toLocaleString("en-US")
    }`;
  }
  if (/\p{Cc}/u.test(path)) return "A script path must not contain control characters";
  if (!path.isWellFormed()) return "A script path must be well-formed text: it holds half of a surrogate pair";
  if (path.includes("\\")) return "A script path is written with / and must not contain a backslash";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) {
    return "A script path is relative to a script directory and must not be absolute";
  }
  if (path.endsWith("/")) return "A script path names a file and must not end with /";
  for (const segment of path.split("/")) {
    if (segment === "..") return 'A script path must not contain ".." because it stays inside the script directory';
    if (segment === ".") return 'A script path must not contain "." as a folder: leave it out';
    if (segment === "") return "A script path must not contain //: write one /";
  }
  return null;
}
