import assert from "node:assert/strict";
import { createJob, editJob } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import { at, MINUTELY } from "../store/_given.ts";
import { json, run } from "./_cli.ts";
import { onEachDatabaseAndReach } from "./_reach.ts";

onEachDatabaseAndReach(
  "jobctl audit lists who changed what, and verify names the first event that is wrong",
  async (open) => {
    await using test = await open({ DISPLAY_TIMEZONE: "UTC" });
    const { env, actor, by } = test;
    // To make the token is two events.
    const before = by === "portal" ? 2 : 0;
    assert.match(
      (await run(["audit", "verify"], { env })).stdout,
      new RegExp(`^The audit list is intact: ${before} events`),
    );
    const { id, revision } = await createJob(operating(test.store, at(1)), MINUTELY);
    await editJob(operating(test.store, at(2)), { id, revision, definition: { ...MINUTELY, name: "Other\n" } });
    assert.equal((await run(["users", "add", "alice", "--no-password"], { env })).code, 0);

    const rows = async (...flags: readonly string[]) => (await run(["audit", ...flags], { env })).stdout.split("\n");
    const [user, edit, create] = await rows();
    const [number, , ...facts] = (user ?? "").split("\t").slice(0, 7);
    const address = by === "portal" ? "127.0.0.1" : "-";
    const subject = `user ${by === "portal" ? 2 : 1} "alice"`;
    assert.deepEqual(
      [number, ...facts],
      [String(before + 3), actor.name, address, "users.create", "done", subject],
    );
    assert.match(user ?? "", /\tname: - → alice; /);
    assert.equal(
      edit,
      `${
        before + 2
      }\t2026-01-05T00:00:02Z\ttest\t-\tjobs.edit\tdone\tjob 1 "Other\\n"\tname: ${MINUTELY.name} → Other `,
    );
    assert.deepEqual(await rows("--actor", "test", "--action", "jobs.create"), [create, ""]);
    assert.deepEqual(await rows("list", "--until", "2026-01-05", "--since", "2026-01-05T00:00:02Z"), [edit, ""]);
    assert.deepEqual(await rows("--outcome", "denied"), [""]);
    const more = await run(["audit", "--limit", "1"], { env });
    assert.match(more.stderr, /^There are more: --cursor \S+\n$/);
    const [first] = [await json(["audit", "--limit", "1", "--action", "jobs.edit"], { env })].flat();
    assert.ok(typeof first === "object" && first !== null && "hash" in first);
    assert.deepEqual({ ...first, hash: 0, previous_hash: 0 }, {
      id: before + 2,
      at: "2026-01-05T00:00:02Z",
      actor: { kind: "cli", name: "test", user_id: null, token_id: null },
      address: null,
      request_id: null,
      action: "jobs.edit",
      subject: { kind: "job", id: 1, name: "Other\n" },
      outcome: "done",
      reason: null,
      before: { name: MINUTELY.name },
      after: { name: "Other\n" },
      previous_hash: 0,
      hash: 0,
    });

    assert.match(
      (await run(["audit", "verify"], { env })).stdout,
      new RegExp(`^The audit list is intact: ${before + 3} events; event ${before + 3} has the hash [0-9a-f]{64}\n$`),
    );
    await test.sql(`UPDATE audit_events SET actor_name = 'bob' WHERE id = ${before + 2}`);
    assert.deepEqual(await run(["audit", "verify"], { env }), {
      code: 1,
      stdout: "",
      stderr: `jobctl: The audit list is not intact. Event ${before + 2} was changed after it was written\n`,
    });
    const { code, stdout } = await run(["audit", "verify", "--json"], { env });
    assert.deepEqual([code, stdout], [1, `{"is_intact":false,"id":${before + 2},"fault":"changed"}\n`]);
    for (const flags of [["--action", "jobs.fly"], ["--outcome", "x"], ["--since", "yesterdayish"]]) {
      assert.equal((await run(["audit", ...flags], { env })).code, 2, flags.join(" "));
    }
  },
);
