import { dirname, sep } from "node:path";

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

/** The facts about the file at `path`; null when there is none or it may not be looked at. */
export async function fileInfo(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (isUnreachable(error)) return null;
    throw error;
  }
}

/** The first bytes of the file at `path`, at most `max`; null when it may not be read. */
export async function readHead(path: string, max: number): Promise<Uint8Array | null> {
  try {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(max);
    let length = 0;
    for (let read: number | null = 0; read !== null && length < max; length += read ?? 0) {
      read = await file.read(bytes.subarray(length));
    }
    return bytes.subarray(0, length);
  } catch (error) {
    if (isUnreachable(error)) return null;
    throw error;
  }
}

/** The directory on the way to `path` that this process's user may not look into; null when there is none. */
export async function blockingDirectory(path: string): Promise<string | null> {
  let blocked: string | null = null;
  for (let at = path; await isDenied(at); at = dirname(at)) blocked = dirname(at);
  return blocked;
}

async function isDenied(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied;
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
