import { userInfo } from "node:os";
import assert from "node:assert/strict";
import { signIn } from "../../shared/operations/mod.ts";
import { commandOf } from "../support/process.ts";
import { pythonTest } from "../support/python.ts";
import { operating } from "../support/operating.ts";
import { DATABASES, type TestStore } from "../support/store.ts";
import { json, run, shape, type Surroundings } from "./_cli.ts";
import { onEachDatabaseAndReach, onEachReach } from "./_reach.ts";

const PASSWORD = "tall otter paints fences";

/** Whether the user gets in with this password. */
async function getsIn({ store }: TestStore, name: string, password: string): Promise<boolean> {
  const now = await store.now();
  const attempt = { name, password, address: "192.0.2.1", userAgent: "", device: null };
  return (await signIn(operating(store, now), attempt)).outcome === "signed_in";
}

onEachDatabaseAndReach(
  "jobctl users adds, lists and changes accounts, and recovers an administrator",
  async (open) => {
    await using test = await open();
    const { env } = test;
    // The account of the portal's token.
    const before = (await test.store.users.list({ limit: 10 })).items.length;
    const added = await json(["users", "add", "Alice", "--role", "admin"], { env, stdin: `${PASSWORD}\nmore\n` });
    assert.deepEqual(shape(added), {
      id: before + 1,
      name: "Alice",
      role: "admin",
      grants: [],
      is_service: false,
      is_disabled: false,
      has_password: true,
      external_id: null,
      created_at: "<instant>",
      updated_at: "<instant>",
    });
    assert.ok(await getsIn(test, "alice", PASSWORD));
    const last = await run(["users", "disable", "alice"], { env });
    assert.deepEqual([last.code, last.stdout], [6, ""]);
    assert.match(last.stderr, /^jobctl: .*administrator.*\n$/);

    const bot = ["users", "add", "machine", "--service", "--grant", "finance=operator", "--grant", "hr=viewer"];
    assert.deepEqual(await run(bot, { env }), { code: 0, stdout: 'user "machine" added\n', stderr: "" });
    const sso = ["users", "add", "bob", "--no-password", "--role", "admin"];
    assert.equal((await run(sso, { env })).code, 0);
    assert.deepEqual(
      (await run(["users", "list"], { env })).stdout.replace(/\t\S+Z$/gm, "").replace(/^\d\trobot\t.*\n/m, ""),
      [
        `${before + 1}\tAlice\tadmin\t-\tactive\tpassword`,
        `${before + 3}\tbob\tadmin\t-\tactive\t-`,
        `${before + 2}\tmachine\t-\tfinance=operator,hr=viewer\tactive\tno: service account`,
        "",
      ].join("\n"),
    );

    for (
      const [args, said] of [
        [["disable", "ALICE"], 'user "Alice" disabled'],
        [["enable", "alice"], 'user "Alice" enabled'],
        [["role", "machine", "viewer"], 'user "machine" has the role viewer on everything'],
        [["role", "machine", "none", "--grant", "hr=editor"], 'user "machine" has the role none on everything'],
      ] as const
    ) {
      assert.deepEqual(await run(["users", ...args], { env }), { code: 0, stdout: `${said}\n`, stderr: "" });
    }
    const grants = (await test.store.users.findByName("machine"))?.grants;
    assert.deepEqual(grants, [{ label: "hr", role: "editor" }]);

    const issuer = "https://id.example.com";
    assert.equal((await run(["users", "link", "bob", "--issuer", issuer, "--subject", "8f2c1a"], { env })).code, 0);
    const taken = await run(["users", "link", "alice", "--issuer", issuer, "--subject", "8f2c1a"], { env });
    assert.deepEqual([taken.code, taken.stdout], [2, ""]);
    assert.deepEqual((await test.store.users.findByName("bob"))?.externalId, { issuer, subject: "8f2c1a" });
    const [event] = (await test.store.audit.list({ limit: 1, action: "users.edit" })).items;
    assert.deepEqual(event?.after?.["externalId"], { issuer, subject: "8f2c1a" });
    assert.equal((await run(["users", "unlink", "bob"], { env })).code, 0);
    assert.equal((await test.store.users.findByName("bob"))?.externalId, null);

    const typed = ["eight blue kettles", "eight blue kettles"];
    assert.equal((await run(["users", "passwd", "alice"], { env, typed })).code, 0);
    assert.deepEqual([await getsIn(test, "alice", PASSWORD), await getsIn(test, "alice", typed[0] ?? "")], [
      false,
      true,
    ]);

    assert.ok(await getsIn(test, "alice", typed[0] ?? ""));
    const list = async () => (await run(["users", "sessions", "ALICE"], { env })).stdout.trim().split("\n");
    const [newest = "", older = "", more] = await list();
    assert.match(newest, /^\d+\t\S+Z\t\S+Z\t\S+Z\tpassword\t192\.0\.2\.1\t/);
    assert.equal(more, undefined);
    const [id = ""] = newest.split("\t");
    const out = await run(["users", "sign-out", "alice", "--session", id], { env });
    assert.deepEqual(out, { code: 0, stdout: `user "Alice" is signed out of session ${id}\n`, stderr: "" });
    assert.equal((await run(["users", "sign-out", "alice", "--session", id], { env })).code, 5);
    assert.deepEqual(await list(), [older]);
    const all = await run(["users", "sign-out", "alice"], { env });
    assert.equal(all.stdout, 'user "Alice" is signed out of 1 browsers\n');
    const [revoked] = (await test.store.audit.list({ limit: 1, action: "session.end" })).items;
    assert.equal(revoked?.subject.name, "Alice");
  },
);

const wrong: readonly (readonly [string, readonly string[], Omit<Surroundings, "env">, number, RegExp])[] = [
  ["an unknown role", ["add", "eve", "--role", "root"], {}, 2, /role: found "root", expected viewer, .* or none/],
  ["an unknown grant", ["add", "eve", "--grant", "hr"], {}, 2, /--grant: found "hr", expected a label/],
  ["two passwords that differ", ["add", "eve"], { typed: ["one", "two"] }, 2, /password: the two were not the same/],
  ["no password", ["add", "eve"], {}, 2, /password: found nothing on standard input/],
  ["a short password", ["add", "eve"], { stdin: "short" }, 2, /password: .*12/],
  ["a name that is taken", ["add", "ALICE", "--no-password"], {}, 2, /name: /],
  ["a user who is not there", ["enable", "nobody"], {}, 5, /There is no user "nobody"/],
];
onEachReach("jobctl users names what was wrong, and changes nothing", async (open) => {
  await using test = await open();
  const { env, store } = test;
  await run(["users", "add", "alice", "--no-password"], { env });
  const before = (await store.users.list({ limit: 10 })).items.length;
  for (const [what, args, surroundings, code, message] of wrong) {
    const said = await run(["users", ...args], { env, ...surroundings });
    assert.deepEqual([said.code, said.stdout], [code, ""], what);
    assert.match(said.stderr, message, what);
  }
  assert.equal((await store.users.list({ limit: 10 })).items.length, before);
});

/** Types on a terminal: answers each prompt, and prints what the terminal showed. */
const TYPING = `
import os, pty, sys
answers = [b"eight blue kettles\\r", b"eight blue kettlez\\x7fs\\r"]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
while True:
    try:
        data = os.read(fd, 1024)
    except OSError:
        break
    if not data:
        break
    seen += data
    while answers and seen.count(b": ") > 2 - len(answers):
        os.write(fd, answers.pop(0))
sys.stdout.write(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

pythonTest("the task jobctl reads a password on a terminal without showing it", async () => {
  await using test = await DATABASES.SQLite();
  const command = [Deno.execPath(), ...await commandOf("jobctl"), "users", "add", "alice"];
  const { code, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-c", TYPING, ...command],
    env: { NO_COLOR: "1", DATABASE_URL: test.url },
  }).output();
  const [shown, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual([code, shown, error], [
    0,
    'New password: \r\nThe same again: \r\nuser "alice" added\r\n',
    "",
  ]);
  assert.ok(await getsIn(test, "alice", "eight blue kettles"));
  const { actor } = (await test.store.audit.list({ action: "users.create", limit: 1 })).items[0] ?? {};
  assert.deepEqual([actor?.kind, actor?.name], ["cli", userInfo().username]);
});
