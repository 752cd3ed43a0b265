import type { Command } from "commander";
import { type JobctlConfig, jobctlConfig, parseDatabaseUrl } from "@jobtrigger/shared/config";
import { Invalid } from "@jobtrigger/shared/domain";
import { tokenForm, userForm } from "@jobtrigger/shared/api";
import type { Me } from "@jobtrigger/shared/api/schemas";
import { loginPath, removeLogin, writeLogin } from "../client/login_file.ts";
import { databaseVariable, type PortalTarget, portalTarget, targetOf } from "../client/target.ts";
import type { Io } from "../io.ts";
import { instantText, type OutputFlags, print, printFacts } from "../output/mod.ts";
import { readSecret } from "../password.ts";

/** Adds `login`, `logout` and `whoami`. */
export function addLoginCommands(program: Command, io: Io): void {
  program.command("login").description(
    "work with a portal from now on; its API token is typed, or a line of standard input",
  )
    .argument("<address>", "the portal's address, such as https://jobs.example.com")
    .action(async (address: string, flags: OutputFlags) => {
      const token = (await readSecret(io, { prompt: "API token: ", field: "token" })).trim();
      const portal = typedPortal(io, address, token);
      const { actor } = await askMe(io, portal);
      const path = writeLogin(io.env, { url: portal.url, token });
      await print(io, flags, {
        form: () => ({ portal: portal.url, actor: { ...actor }, file: path }),
        text: `Signed in to ${portal.url} as ${actor.name}; the token is in ${path}`,
      });
      const other = databaseVariable(io.env) ?? (io.env("JOBTRIGGER_URL")?.trim() ? "JOBTRIGGER_URL" : null);
      if (other !== null) await io.err(`${other} is set, and goes before the login\n`);
    });

  program.command("logout").description("forget the portal and the token of jobctl login; the token itself stays valid")
    .action(async (flags: OutputFlags) => {
      const wasThere = removeLogin(io.env);
      await print(io, flags, {
        form: () => ({ result: wasThere ? "removed" : "none" }),
        text: wasThere
          ? "The login is removed. Its token is valid until it is revoked in the portal"
          : `There is no login at ${loginPath(io.env) ?? "HOME, which is not set"}`,
      });
    });

  program.command("whoami").description("say what jobctl works with, as whom, and what that allows")
    .action(async (flags: OutputFlags) => {
      const target = targetOf(io.env);
      if (target.kind === "database") {
        const database = withoutPassword(target.config.databaseUrl);
        return await print(io, flags, {
          form: () => ({ database, actor: { kind: "cli", name: io.user } }),
          text: () => printFacts(io, flags, [["database", database], ["acts as", io.user], ["may do", "everything"]]),
        });
      }
      const me = await askMe(io, target);
      await print(io, flags, {
        form: () => meForm(target, me),
        text: () => printFacts(io, flags, factsOf(io, target, me)),
      });
    });
}

/** A portal as somebody typed it. @throws {Invalid} that names what is wrong. */
function typedPortal(io: Io, address: string, token: string): PortalTarget {
  const typed: Readonly<Record<string, string>> = { JOBTRIGGER_URL: address, JOBTRIGGER_TOKEN: token };
  const config = configOf((name) => typed[name] ?? io.env(name));
  const { portalUrl: url, portalToken } = config;
  if (url === null || portalToken === null) {
    const field = url === null ? "address" : "token";
    throw new Invalid([{ field, message: "found nothing, expected an address and an API token" }]);
  }
  return portalTarget({ url, token: portalToken }, "address", config);
}

/** Reads the settings; problems of what was typed have its names. @throws {Invalid} */
function configOf(env: (name: string) => string | undefined): JobctlConfig {
  try {
    return jobctlConfig(env);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const names: Readonly<Record<string, string>> = { JOBTRIGGER_URL: "address", JOBTRIGGER_TOKEN: "token" };
    throw new Invalid(error.problems.map((problem) => ({ ...problem, field: names[problem.field] ?? problem.field })));
  }
}

async function askMe(io: Io, portal: PortalTarget): Promise<Me> {
  // As in a session, only who speaks with a portal loads what that takes.
  const [{ readMe }, { PortalConnection }] = await Promise.all([
    import("@jobtrigger/shared/api/schemas"),
    import("../client/connection.ts"),
  ]);
  const connection = new PortalConnection(portal, io.clock);
  try {
    return await connection.read(readMe, { path: "/me" });
  } finally {
    connection.close();
  }
}

function meForm({ url }: PortalTarget, { actor, user, token, permissions }: Me) {
  return {
    portal: url,
    actor: { ...actor },
    user: user === null ? null : userForm(user),
    token: token === null ? null : tokenForm(token),
    permissions,
  };
}

function factsOf(
  io: Io,
  { url, namedBy, config }: PortalTarget,
  { actor, user, token, permissions }: Me,
): readonly (readonly [name: string, value: string | null])[] {
  const expires = token?.expiresAt ?? null;
  return [
    ["portal", url],
    ["named by", namedBy],
    ["acts as", actor.name],
    ["role", user === null ? null : user.role ?? "none"],
    ["grants", user?.grants.map(({ label, role }) => `${label}=${role}`).join(", ") || null],
    ["token", token?.prefix ?? null],
    ["token reaches", token?.labels == null ? null : `jobs with a label of ${token.labels.join(", ")}`],
    [
      "token expires",
      token === null ? null : expires === null ? "never" : instantText(io, expires, config.displayTimezone),
    ],
    ["may do", permissions.join(", ") || "nothing"],
  ];
}

/** A database's address without the password and the settings in it. */
function withoutPassword(databaseUrl: string): string {
  const target = parseDatabaseUrl(databaseUrl);
  if (target.kind === "sqlite") return `sqlite:///${target.path}`;
  const { protocol, username, host, pathname } = new URL(target.url);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`;
}
