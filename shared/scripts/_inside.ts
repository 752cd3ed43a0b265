import { sep } from "node:path";

/** Whether the real path `file` is below the real path `directory`. */
export function isInside(directory: string, file: string): boolean {
  return file.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

/** The real path of `path`, links resolved; null when there is none or it may not be looked at. */
export async function realPath(path: string): Promise<string | null> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (isUnreachable(error)) return null;
    throw error;
  }
}

/** What is known of the file at `path`; null when there is none or it may not be looked at. */
export async function fileInfo(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (isUnreachable(error)) return null;
    throw error;
  }
}

/** Whether `error` says that a path leads nowhere, or nowhere this process may look. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable ||
    error instanceof Deno.errors.FilesystemLoop || isNameTooLong(error);
}

/** A segment longer than the file system's names: no class of its own in Deno. */
function isNameTooLong(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENAMETOOLONG";
}
