import type { Command } from "commander";
import { type Grant, Invalid, type Role, ROLES, type User } from "@jobtrigger/shared/domain";
import { userForm } from "@jobtrigger/shared/api";
import type { CommonFlags } from "../flags.ts";
import type { Io } from "../io.ts";
import { instantText, oneLine, printJson, printTable } from "../output.ts";
import { readNewPassword } from "../password.ts";
import type { Client } from "../client/client.ts";
import { type Session, withSession } from "../session.ts";

interface GrantFlags extends CommonFlags {
  readonly grant?: readonly Grant[];
}

interface AddFlags extends GrantFlags {
  readonly role: Role | null;
  readonly service?: boolean;
  readonly password: boolean;
}

/** Users that are read at a time. */
const PAGE = 200;

/** Adds `users …`. On a database jobctl may do everything, so this recovers an administrator who cannot sign in any more. */
export function addUsersCommands(program: Command, io: Io): void {
  const users = program.command("users").description("manage accounts");
  const commandOnOne = (name: string, about: string) =>
    users.command(name).description(about).argument("<name>", "the user's name, in any case");
  const grantText = "a role on the jobs of one label, such as finance=operator; repeatable";

  commandOnOne("add", "add a user, or a service account; the password is typed twice, or is one line of standard input")
    .option("--role <role>", `on everything: ${ROLES.join(", ")} or none`, roleFlag, null)
    .option("--grant <label=role>", grantText, gatherGrant)
    .option("--service", "a service account, which programs act as by API tokens and nobody signs in to")
    .option("--no-password", "no password: a proxy or an identity provider signs this user in")
    .action((name: string, { role, grant = [], service = false, password, json }: AddFlags) =>
      withSession(io, async ({ client }) => {
        const typed = service || !password ? null : await readNewPassword(io);
        const request = { name, role, grants: grant, password: typed, isService: service };
        const user = await client.createUser(request);
        await say(io, user, { json, text: `User ${user.name} was added` });
      })
    );

  users.command("list").description("list users by name")
    .action(({ json }: CommonFlags) =>
      withSession(io, async (session) => {
        const list = await allUsers(session);
        if (json) return await printJson(io, list.map(userForm));
        await printTable(io, list, [
          ["ID", ({ id }) => String(id)],
          ["NAME", ({ name }) => name],
          ["ROLE", ({ role }) => role ?? "-"],
          ["GRANTS", ({ grants }) => grants.map(({ label, role }) => `${label}=${role}`).join(",") || "-"],
          ["STATE", ({ isDisabled }) => isDisabled ? "disabled" : "active"],
          ["SIGNS IN", signInText],
          ["CREATED", ({ createdAt }) => instantText(io, createdAt, session.config.displayTimezone)],
        ]);
      })
    );

  const changing = (
    command: Command,
    change: (client: Client, user: User) => Promise<User>,
    text: (user: User) => string,
  ) =>
    command.action((name: string, { json }: CommonFlags) =>
      withSession(io, async ({ client }) => {
        const user = await change(client, await client.findUser(name));
        await say(io, user, { json, text: text(user) });
      })
    );
  changing(
    commandOnOne("disable", "disable a user: their sessions end, their tokens do nothing"),
    (client, { id }) => client.disableUser(id),
    ({ name }) => `User ${name} is disabled`,
  );
  changing(
    commandOnOne("enable", "enable a user again"),
    (client, { id }) => client.enableUser(id),
    ({ name }) => `User ${name} is enabled`,
  );
  changing(
    commandOnOne(
      "passwd",
      "give a user a new password: typed twice, or one line of standard input; their sessions end",
    ),
    async (client, { id }) => await client.setPassword(id, await readNewPassword(io)),
    ({ name }) => `User ${name} has a new password, and their sessions have ended`,
  );

  commandOnOne("role", "give a user another role on everything")
    .argument("<role>", `${ROLES.join(", ")} or none`, roleFlag)
    .option("--grant <label=role>", `${grantText}; in place of those there are`, gatherGrant)
    .action((name: string, role: Role | null, { grant, json }: GrantFlags) =>
      withSession(io, async ({ client }) => {
        const { id, grants } = await client.findUser(name);
        const user = await client.setRole(id, { role, grants: grant ?? grants });
        await say(io, user, { json, text: `User ${user.name} has the role ${user.role ?? "none"} on everything` });
      })
    );
}

async function allUsers({ client }: Session): Promise<readonly User[]> {
  let page = await client.listUsers({ limit: PAGE });
  let users = page.items;
  while (page.next !== null) {
    page = await client.listUsers({ limit: PAGE, cursor: page.next });
    users = [...users, ...page.items];
  }
  return users;
}

async function say(io: Io, user: User, { json, text }: { json: boolean | undefined; text: string }): Promise<void> {
  if (json) await printJson(io, userForm(user));
  else await io.out(`${oneLine(text)}\n`);
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
function gatherGrant(text: string, before: readonly Grant[] | undefined): readonly Grant[] {
  const at = text.lastIndexOf("=");
  const role = ROLES.find((one) => one === text.slice(at + 1));
  if (at > 0 && role !== undefined) return [...before ?? [], { label: text.slice(0, at), role }];
  const expected = `a label, "=" and one of ${ROLES.join(", ")}, such as finance=operator`;
  throw new Invalid([{ field: "--grant", message: `found ${JSON.stringify(text)}, expected ${expected}` }]);
}
