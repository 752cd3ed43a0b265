import assert from "node:assert/strict";
import { dirname } from "node:path";
import type { Site } from "../../support/process.ts";

/** The user of a test's services. */
export interface User extends AsyncDisposable {
  /** A command prefix that runs the rest as this user; empty: none is needed. */
  readonly run: readonly string[];
  /** The environment of the user's processes. */
  readonly env: Readonly<Record<string, string>>;
}

/** The users of the tested workers, each with a function that lets it use a site. */
export const USERS: Readonly<Record<"this user" | "an ordinary user", (site: Site) => Promise<User>>> = {
  "this user": () => Promise.resolve(THIS_USER),
  "an ordinary user": ordinaryUser,
};

async function chmod(mode: string, paths: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command("chmod", { args: ["-R", mode, ...paths] }).output();
  assert.ok(success);
}

const THIS_USER: User = { run: [], env: {}, async [Symbol.asyncDispose]() {} };

/** `nobody`; the test's own user when that is not root. */
async function ordinaryUser(site: Site): Promise<User> {
  if (Deno.uid() !== 0) return THIS_USER;
  const directory = await Deno.makeTempDir({ prefix: "jobtrigger-nobody-" });
  const shared = [directory, dirname(new URL(site.url).pathname)];
  await chmod("a+rwX", shared);
  await chmod("a+rX", [site.env.SCRIPTS_DIR ?? ""]);
  return {
    run: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    env: { HOME: directory, DENO_DIR: compiledOfNobody() },
    async [Symbol.asyncDispose]() {
      await Deno.remove(directory, { recursive: true });
    },
  };
}

let compiled: string | null = null;

/**
 * Where Deno keeps what it has compiled for `nobody`, until the tests of this file have ended: to compile the services anew for each
 * test takes longer than to start them.
 */
function compiledOfNobody(): string {
  if (compiled !== null) return compiled;
  const directory = Deno.makeTempDirSync({ prefix: "jobtrigger-compiled-" });
  Deno.chmodSync(directory, 0o777);
  addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));
  return compiled = directory;
}
