import { Argument, type Command, Option } from "commander";
import {
  endOfSession,
  type EpochMs,
  type Grant,
  Invalid,
  type Role,
  ROLES,
  type SessionId,
  sessionId,
  type User,
} from "@jobtrigger/shared/domain";
import { sessionForm, userForm } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";
import {
  instantText,
  oneLine,
  type OutputFlags,
  PAGE_MAX,
  print,
  printListing,
  printTable,
  subject,
} from "../output/mod.ts";
import { readNewPassword } from "../password.ts";
import type { Client } from "../client/client.ts";
import { withSession } from "../session.ts";

interface GrantFlags extends OutputFlags {
  readonly grant?: readonly Grant[];
}

interface LinkFlags extends OutputFlags {
  readonly issuer: string;
  readonly subject: string;
}

interface SignOutFlags extends OutputFlags {
  readonly session?: SessionId;
}

interface AddFlags extends GrantFlags {
  readonly role: Role | null;
  readonly service?: boolean;
  readonly password: boolean;
}

const GRANT_TEXT = "a role on the jobs of one label, such as finance=operator; repeatable";

/** Adds `users …`. On a database jobctl may do everything, so this recovers an administrator who cannot sign in any more. */
export function addUsersCommands(program: Command, io: Io): void {
  const users = program.command("users").description("manage accounts");

  addAddition(users, io);
  addList(users, io);
  addChanges(users, io);
  addSessions(users, io);
  addLink(users, io);
  addRole(users, io);
}

function commandOnOne(users: Command, name: string, about: string): Command {
  return users.command(name).description(about).argument("<name>", "the user's name, in any case");
}

function addAddition(users: Command, io: Io): void {
  commandOnOne(
    users,
    "add",
    "add a user, or a service account; the password is typed twice, or is one line of standard input",
  )
    .addOption(
      new Option("--role <role>", `on everything: ${ROLES.join(", ")} or none`).choices([...ROLES, "none"])
        .argParser(roleFlag).default(null, "none"),
    )
    .option("--grant <label=role>", GRANT_TEXT, gatherGrant)
    .option("--service", "a service account, which programs act as by API tokens and nobody signs in to")
    .option("--no-password", "no password: a proxy or an identity provider signs this user in")
    .action((name: string, { role, grant = [], service = false, password, ...flags }: AddFlags) =>
      withSession(io, async ({ client }) => {
        const typed = service || !password ? null : await readNewPassword(io);
        const request = { name, role, grants: grant, password: typed, isService: service };
        const user = await client.createUser(request);
        await say(io, user, "added", flags);
      })
    );
}

function addList(users: Command, io: Io): void {
  users.command("list").description("list users by name")
    .action((flags: OutputFlags) =>
      withSession(io, async ({ client, config }) => {
        await printListing(io, { ...flags, all: true, limit: PAGE_MAX }, client.changes, {
          read: (page) => client.listUsers(page),
          columns: [
            ["ID", ({ id }) => String(id)],
            ["NAME", ({ name }) => name, { shrinks: true }],
            ["ROLE", ({ role }) => role ?? "-"],
            ["GRANTS", grantsText, { shrinks: true }],
            ["STATE", ({ isDisabled }) => isDisabled ? "disabled" : "active", {
              tone: ({ isDisabled }) => isDisabled ? "warn" : "calm",
            }],
            ["SIGNS IN", signInText, { shrinks: true }],
            ["CREATED", ({ createdAt }) => instantText(io, createdAt, config.displayTimezone)],
          ],
          form: userForm,
          name: ({ name }) => name,
        });
      })
    );
}

/** Lets a command that takes no flags of its own change one user. */
function changing(
  io: Io,
  command: Command,
  { change, what }: { readonly change: (client: Client, user: User) => Promise<User>; readonly what: string },
): void {
  command.action((name: string, flags: OutputFlags) =>
    withSession(io, async ({ client }) => {
      const user = await change(client, await client.findUser(name));
      await say(io, user, what, flags);
    })
  );
}

function addChanges(users: Command, io: Io): void {
  changing(io, commandOnOne(users, "disable", "disable a user: their sessions end, their tokens do nothing"), {
    change: (client, { id }) => client.disableUser(id),
    what: "disabled",
  });
  changing(io, commandOnOne(users, "enable", "enable a user again"), {
    change: (client, { id }) => client.enableUser(id),
    what: "enabled",
  });
  changing(
    io,
    commandOnOne(
      users,
      "passwd",
      "give a user a new password: typed twice, or one line of standard input; their sessions end",
    ),
    {
      change: async (client, { id }) => await client.setPassword(id, await readNewPassword(io)),
      what: "has a new password, and their sessions have ended",
    },
  );
}

function addSessions(users: Command, io: Io): void {
  commandOnOne(users, "sessions", "list the browsers in which a user is signed in")
    .action((name: string, flags: OutputFlags) =>
      withSession(io, async ({ client, config: { displayTimezone } }) => {
        const sessions = await client.listSessions((await client.findUser(name)).id);
        const instant = (at: EpochMs) => instantText(io, at, displayTimezone);
        await print(io, flags, {
          form: () => sessions.map(sessionForm),
          names: sessions.map(({ id }) => String(id)),
          text: () =>
            printTable(io, flags, sessions, [
              ["ID", ({ id }) => String(id)],
              ["SINCE", ({ createdAt }) => instant(createdAt)],
              ["LAST SEEN", ({ lastSeenAt }) => instant(lastSeenAt)],
              ["ENDS", (session) => instant(endOfSession(session))],
              ["BY", ({ method }) => method],
              ["FROM", ({ address }) => address],
              ["BROWSER", ({ userAgent }) => oneLine(userAgent), { shrinks: true }],
            ]),
        });
      })
    );

  commandOnOne(users, "sign-out", "end a user's sessions; tokens stay valid")
    .option("--session <id>", "this one alone, of those that users sessions lists", sessionFlag)
    .action((name: string, { session, ...flags }: SignOutFlags) =>
      withSession(io, async ({ client }) => {
        const user = await client.findUser(name);
        if (session === undefined) {
          const ended = await client.revokeSessions(user.id);
          await say(io, user, `is signed out of ${ended} browsers`, flags);
        } else {
          await client.revokeSession(user.id, session);
          await say(io, user, `is signed out of session ${session}`, flags);
        }
      })
    );
}

function addLink(users: Command, io: Io): void {
  commandOnOne(users, "link", "let an identity provider sign a user in")
    .requiredOption("--issuer <url>", "the address of the identity provider")
    .requiredOption("--subject <id>", "what it calls the user: `sub` in its tokens, not a name")
    .action((name: string, { issuer, subject, ...flags }: LinkFlags) =>
      withSession(io, async ({ client }) => {
        const { id } = await client.findUser(name);
        await say(io, await client.setExternalId(id, { issuer, subject }), `is signed in by ${issuer}`, flags);
      })
    );

  changing(
    io,
    commandOnOne(users, "unlink", "let no identity provider sign a user in any more; their sessions go on"),
    { change: (client, { id }) => client.setExternalId(id, null), what: "is signed in by no identity provider" },
  );
}

function addRole(users: Command, io: Io): void {
  commandOnOne(users, "role", "give a user another role on everything")
    .addArgument(
      new Argument("<role>", `${ROLES.join(", ")} or none`).choices([...ROLES, "none"]).argParser(roleFlag),
    )
    .option("--grant <label=role>", `${GRANT_TEXT}; in place of those there are`, gatherGrant)
    .action((name: string, role: Role | null, { grant, ...flags }: GrantFlags) =>
      withSession(io, async ({ client }) => {
        const { id, grants } = await client.findUser(name);
        const user = await client.setRole(id, { role, grants: grant ?? grants });
        await say(io, user, `has the role ${user.role ?? "none"} on everything`, flags);
      })
    );
}

async function say(io: Io, user: User, what: string, flags: OutputFlags): Promise<void> {
  const { name } = user;
  await print(io, flags, { form: () => userForm(user), names: [name], text: `${subject("user", { name })} ${what}` });
}

function grantsText({ grants }: User): string {
  return grants.map(({ label, role }) => `${label}=${role}`).join(",") || "-";
}

function signInText({ isService, hasPassword, externalId }: User): string {
  if (isService) return "no: service account";
  const ways = [...(hasPassword ? ["password"] : []), ...(externalId === null ? [] : [externalId.issuer])];
  return ways.join(",") || "-";
}

/** @throws {Invalid} */
function roleFlag(text: string): Role | null {
  if (text === "none") return null;
  const role = ROLES.find((one) => one === text);
  if (role !== undefined) return role;
  throw new Invalid([{
    field: "role",
    message: `found ${JSON.stringify(text)}, expected ${ROLES.join(", ")} or none`,
    code: "unknown",
  }]);
}

/** @throws {Invalid} */
function sessionFlag(text: string): SessionId {
  if (/^[1-9]\d{0,14}$/.test(text)) return sessionId(Number(text));
  throw new Invalid([{ field: "--session", message: `found ${JSON.stringify(text)}, expected the id of a session` }]);
}

/** @throws {Invalid} */
function gatherGrant(text: string, before: readonly Grant[] | undefined): readonly Grant[] {
  const at = text.lastIndexOf("=");
  const role = ROLES.find((one) => one === text.slice(at + 1));
  if (at > 0 && role !== undefined) return [...before ?? [], { label: text.slice(0, at), role }];
  const expected = `a label, "=" and one of ${ROLES.join(", ")}, such as finance=operator`;
  throw new Invalid([{ field: "--grant", message: `found ${JSON.stringify(text)}, expected ${expected}` }]);
}
