/**
 * The portal that somebody signed in to, with their token: a file of their configuration directory that they alone can read.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { z } from "zod";
import { Invalid, whyNot } from "@jobtrigger/shared/domain";
import type { Env } from "@jobtrigger/shared/config";

/** What `jobctl login` keeps. */
export interface Login {
  /** The portal's origin. */
  readonly url: string;
  /** A secret. */
  readonly token: string;
}

const schema: z.ZodType<Login> = z.strictObject({ url: z.string(), token: z.string() });

/** The modes of a file that let somebody else than its owner do anything with it. */
const OTHERS = 0o077;

/** Where the file is, or would be; null: the environment names no home. */
export function loginPath(env: Env): string | null {
  const directory = env("XDG_CONFIG_HOME")?.trim() || (Deno.build.os === "windows" ? env("APPDATA")?.trim() : "");
  if (directory) return join(directory, "jobtrigger", "login.json");
  const home = env("HOME")?.trim();
  return home ? join(home, ".config", "jobtrigger", "login.json") : null;
}

/** Reads the file; null: there is none. @throws {Invalid} when others may read it, or it holds something else. */
export function readLogin(env: Env): Login | null {
  const path = loginPath(env);
  if (path === null) return null;
  const text = readPrivate(path);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw wrong(path, "it holds no login; remove it, and sign in again with jobctl login");
  }
}

/** Writes the file, readable for its owner alone from its first byte on. Answers its path. @throws {Invalid} */
export function writeLogin(env: Env, login: Login): string {
  const path = loginPath(env);
  if (path === null) {
    throw new Invalid([{ field: "HOME", message: "is missing, expected where the login can be kept" }]);
  }
  const draft = `${path}.new`;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    removeFile(draft);
    Deno.writeTextFileSync(draft, `${JSON.stringify(login)}\n`, { createNew: true, mode: 0o600 });
    Deno.renameSync(draft, path);
  } catch (error) {
    throw wrong(path, `cannot write it: ${whyNot(error)}`);
  }
  return path;
}

/** Removes the file; answers whether there was one. @throws {Invalid} */
export function removeLogin(env: Env): boolean {
  const path = loginPath(env);
  try {
    return path !== null && removeFile(path);
  } catch (error) {
    throw wrong(path ?? "", `cannot remove it: ${whyNot(error)}`);
  }
}

function removeFile(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** The text of a file that its owner alone can read; null: there is none. @throws {Invalid} */
function readPrivate(path: string): string | null {
  try {
    // Of the open file: between two looks at the path another file could take its place.
    using file = Deno.openSync(path);
    const { mode, size } = file.statSync();
    // Windows has no modes: there a user's own directory is the user's alone.
    if (mode !== null && (mode & OTHERS) !== 0) {
      const found = (mode & 0o777).toString(8).padStart(4, "0");
      throw wrong(path, `it holds a token and has mode ${found}, expected 0600; chmod 600 it, and make a new token`);
    }
    const bytes = new Uint8Array(Math.min(size, 65_536));
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    if (error instanceof Invalid) throw error;
    throw wrong(path, `cannot read it: ${whyNot(error)}`);
  }
}

function wrong(path: string, message: string): Invalid {
  return new Invalid([{ field: path, message }]);
}
