/**
 * What operating systems say of files, in words.
 *
 * @module
 */

/** By the codes of errno(3). */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "this user may not",
  EPERM: "this user may not",
  EROFS: "its file system may only be read",
  ENOSPC: "the disk is full",
  EDQUOT: "this user's share of the disk is used up",
  ENOENT: "there is no such file or directory",
  ENOTDIR: "one of its directories is a file",
  EISDIR: "it is a directory",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links lead in a circle",
  EIO: "reading or writing the disk failed",
};

/** Why a file could not be used: what follows a colon. Null: `error` is not about a file. */
export function fileFault(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // Deno keeps a program out of /sys and the like whatever it is allowed.
  if (error.name === "NotCapable") return "this program may not use it";
  return "code" in error && typeof error.code === "string" ? REASONS[error.code] ?? null : null;
}

/** As {@linkcode fileFault}, and of any other error what it says itself. */
export function whyNot(error: unknown): string {
  return fileFault(error) ?? (error instanceof Error ? error.message : String(error));
}
