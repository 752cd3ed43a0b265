import type { WorkerConfig } from "@jobtrigger/shared/config";
import type { Logger } from "@jobtrigger/shared/log";
import type { ExecutorContext } from "./executor.ts";
import { Programs } from "./programs.ts";
import { firstForbidden, lookUp, scriptUser } from "./script_user.ts";

/**
 * The user, programs and environment of scripts, determined once at the start; dangers are logged.
 *
 * @throws {Invalid} when scripts cannot run as the user that is asked for.
 */
export async function scriptSurroundings(
  { scriptUser: name }: Pick<WorkerConfig, "scriptUser">,
  log: Logger,
): Promise<Pick<ExecutorContext, "base" | "programs" | "user">> {
  const user = name === null ? null : await scriptUser(name);
  const uid = Deno.uid();
  if (user !== null) log.info("Scripts run as user {user}", { user: user.account.name });
  else if (uid === 0) {
    log.warn(
      "SCRIPTS RUN AS ROOT: this worker is root's, so each script, and whoever may edit one or a job, can do anything on " +
        "this machine. Name another user for them in WORKER_SCRIPT_USER, or run the worker as an ordinary user",
    );
  }
  const maySearch = async (directory: string) =>
    user === null || await firstForbidden(user, { files: [], programs: [directory] }) === null;
  const programs = await Programs.of(Deno.env.get("PATH"), maySearch);
  for (const reason of programs.ignored) log.warn("The PATH of scripts leaves out {reason}", { reason });
  const account = user?.account ?? (uid === null ? null : await lookUp(uid));
  const home = user === null ? Deno.env.get("HOME") : undefined;
  return {
    user,
    programs,
    base: {
      HOME: home || account?.home || "/",
      LANG: Deno.env.get("LANG") || "C.UTF-8",
      user: account === null ? nameless(uid) : { name: account.name, shell: account.shell },
    },
  };
}

/** A user without an entry, as containers have them; null on Windows. */
function nameless(uid: number | null): ExecutorContext["base"]["user"] {
  return uid === null ? null : { name: String(uid), shell: "/bin/sh" };
}
