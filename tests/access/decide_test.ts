import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Access,
  accessOf,
  decide,
  decideEdit,
  FULL_ACCESS,
  isWithin,
  PERMISSION_RULES,
  permissionsOf,
  type Subject,
  visibleLabels,
} from "../../shared/access/mod.ts";
import { epochMs, type Permission, PERMISSIONS, type Role, ROLES } from "../../shared/domain/mod.ts";

const NOBODY: Access = accessOf({ role: null, grants: [], isDisabled: false });

const LABELS = ["finance", "hr", "nightly"] as const;
const role = fc.constantFrom<Role>(...ROLES);
const permission = fc.constantFrom<Permission>(...PERMISSIONS);
const labels = fc.subarray([...LABELS]);
const instant = fc.integer({ min: 1, max: 5 }).map(epochMs);
const access: fc.Arbitrary<Access> = fc.record({
  role: fc.option(role),
  grants: labels.chain((some) => fc.tuple(...some.map((label) => role.map((role) => ({ label, role }))))),
  scopes: fc.option(fc.subarray([...PERMISSIONS])),
  labels: fc.option(labels),
  expiresAt: fc.option(instant),
  isDisabled: fc.constant(false),
});
const subject: fc.Arbitrary<Subject> = fc.option(labels.map((labels) => ({ labels })));

function may(who: Access, what: Permission, about: Subject): boolean {
  return decide(who, what, about).allowed;
}

/** For each access, permission and subject: whatever `narrower` may, `wider` may. */
function narrows(wider: Access, narrower: Access, what: Permission, about: Subject): void {
  if (may(narrower, what, about)) assert.equal(may(wider, what, about), true);
}

Deno.test("a higher role, on everything or on a label, never takes a right away", () => {
  fc.assert(fc.property(access, role, permission, subject, (low, higher, what, about) => {
    const raise = (from: Role | null) => from === null || ROLES.indexOf(higher) > ROLES.indexOf(from) ? higher : from;
    narrows({ ...low, role: raise(low.role) }, low, what, about);
    const grants = low.grants.map((grant) => ({ ...grant, role: raise(grant.role) }));
    narrows({ ...low, grants }, low, what, about);
    narrows(low, { ...low, grants: low.grants.slice(1) }, what, about);
  }));
});

Deno.test("the scopes and the labels of a token only take rights away", () => {
  fc.assert(
    fc.property(access, fc.subarray([...PERMISSIONS]), labels, permission, subject, (wide, some, few, what, about) => {
      const scopes = some.filter((scope) => wide.scopes?.includes(scope) ?? true);
      narrows(wide, { ...wide, scopes }, what, about);
      narrows(wide, { ...wide, labels: few.filter((label) => wide.labels?.includes(label) ?? true) }, what, about);
    }),
  );
});

Deno.test("a disabled user may do nothing, and sees nothing", () => {
  fc.assert(fc.property(access, permission, subject, (who, what, about) => {
    assert.equal(may({ ...who, isDisabled: true }, what, about), false);
    assert.deepEqual(visibleLabels({ ...who, isDisabled: true }, what), []);
  }));
});

Deno.test("a list shows exactly the jobs that may be opened", () => {
  fc.assert(fc.property(access, permission, labels, (who, what, labels) => {
    if (PERMISSION_RULES[what].reach !== "job") return;
    const where = visibleLabels(who, what);
    assert.equal(may(who, what, { labels }), where === "all" || labels.some((label) => where.includes(label)));
  }));
});

Deno.test("a token that is within an access may do nothing that this may not", () => {
  fc.assert(
    fc.property(
      access,
      fc.subarray([...PERMISSIONS]),
      fc.option(labels),
      fc.option(instant),
      permission,
      subject,
      (who, scopes, labels, expiresAt, what, about) => {
        if (!isWithin(who, { scopes, labels, expiresAt })) return;
        narrows(who, accessOf(who, { scopes, labels, expiresAt }), what, about);
        assert.ok((expiresAt ?? Infinity) <= (who.expiresAt ?? Infinity));
      },
    ),
  );
});

Deno.test("an edit that is allowed takes no job from anybody and loses none", () => {
  fc.assert(fc.property(access, labels, labels, (who, before, after) => {
    if (!decideEdit(who, { before, after }).allowed) return;
    assert.ok(may(who, "jobs.edit", { labels: before }));
    assert.ok(may(who, "jobs.edit", { labels: after }));
    for (const label of new Set(before).symmetricDifference(new Set(after))) {
      assert.ok(may(who, "jobs.edit", { labels: [label] }), `${label} was moved`);
    }
  }));
});

Deno.test("what is no permission is denied, whatever it is called", () => {
  for (const name of ["jobs.fly", "", "__proto__", "constructor", "toString"]) {
    // As it would come from a row or a request that a later version wrote.
    const what: Permission = JSON.parse(JSON.stringify(name));
    assert.equal(may(FULL_ACCESS, what, null), false, name);
    assert.deepEqual(visibleLabels(FULL_ACCESS, what), []);
  }
});

Deno.test("a role that is none gives nothing", () => {
  const role: Role = JSON.parse('"superuser"');
  assert.deepEqual(permissionsOf({ ...NOBODY, role }), []);
});

Deno.test("each permission takes the role that the table names, and no lower one has it", () => {
  for (const what of PERMISSIONS) {
    const { role: least } = PERMISSION_RULES[what];
    for (const role of ROLES) {
      assert.equal(
        may({ ...NOBODY, role }, what, null),
        ROLES.indexOf(role) >= ROLES.indexOf(least),
        `${role} ${what}`,
      );
    }
    assert.equal(may(NOBODY, what, null), false, what);
  }
});

const FINANCE: Access = { ...NOBODY, grants: [{ label: "finance", role: "operator" }] };
const EDITOR: Access = { ...NOBODY, grants: [{ label: "finance", role: "editor" }, { label: "hr", role: "viewer" }] };
const TOKEN: Access = { ...NOBODY, role: "admin", scopes: ["jobs.read", "users.edit", "tokens.own"], labels: ["hr"] };

const cases:
  readonly (readonly [who: string, access: Access, what: Permission, about: Subject, reason: RegExp | null])[] = [
    ["an operator of finance", FINANCE, "jobs.run", { labels: ["nightly", "finance"] }, null],
    [
      "an operator of finance",
      FINANCE,
      "jobs.run",
      { labels: ["nightly"] },
      /^To run jobs takes the role operator on this job/,
    ],
    ["an operator of finance", FINANCE, "jobs.run", { labels: [] }, /takes the role operator/],
    ["an operator of finance", FINANCE, "jobs.run", null, /takes the role operator on everything$/],
    ["an operator of finance", FINANCE, "jobs.edit", { labels: ["finance"] }, /takes the role editor/],
    ["an operator of finance", FINANCE, "system.read", null, null],
    ["an operator of finance", FINANCE, "system.inspect", null, /takes the role operator on everything$/],
    ["an operator of finance", FINANCE, "tokens.own", null, null],
    ["an operator of finance", FINANCE, "workers.drain", null, /takes the role operator on everything$/],
    [
      "an admin of finance",
      { ...NOBODY, grants: [{ label: "finance", role: "admin" }] },
      "users.edit",
      null,
      /takes the role admin on everything/,
    ],
    ["an admin's token of hr", TOKEN, "jobs.read", { labels: ["hr"] }, null],
    ["an admin's token of hr", TOKEN, "jobs.read", { labels: ["finance"] }, /a token that reaches it/],
    ["an admin's token of hr", TOKEN, "jobs.run", { labels: ["hr"] }, /^This token has no scope jobs\.run$/],
    ["an admin's token of hr", TOKEN, "users.edit", null, /^This token reaches only jobs with the labels hr$/],
    ["an admin's token of hr", TOKEN, "tokens.own", null, /reaches only jobs/],
    ["a token whose labels are not those of the role", { ...FINANCE, labels: ["hr"] }, "jobs.run", {
      labels: ["finance", "hr"],
    }, /takes the role/],
    ["somebody without a role", NOBODY, "system.read", null, /takes the role viewer$/],
    [
      "a disabled admin",
      { ...FULL_ACCESS, isDisabled: true },
      "jobs.read",
      { labels: [] },
      /^This account is disabled$/,
    ],
  ];
for (const [who, access, what, about, reason] of cases) {
  Deno.test(`${who} ${reason === null ? "may" : "may not"} ${what} about ${about === null ? "everything" : `a job with the labels [${about.labels.join(", ")}]`}`, () => {
    const decision = decide(access, what, about);
    if (decision.allowed) assert.equal(reason, null);
    else assert.match(decision.reason, reason ?? /^never$/);
  });
}

const edits:
  readonly (readonly [what: string, before: readonly string[] | null, after: readonly string[], isAllowed: boolean])[] =
    [
      ["edit a job of theirs", ["finance"], ["finance"], true],
      ["edit a job that is shared", ["finance", "hr"], ["finance", "hr"], true],
      ["take a job of others by a label", ["nightly"], ["nightly", "finance"], false],
      ["take a job without labels", [], ["finance"], false],
      ["lose a job by taking its label away", ["finance"], [], false],
      ["take a shared job from others", ["finance", "hr"], ["finance"], false],
      ["put a job before others", ["finance"], ["finance", "nightly"], false],
      ["create a job with their label", null, ["finance"], true],
      ["create a job without a label", null, [], false],
      ["create a job with a label of others too", null, ["finance", "hr"], false],
    ];
for (const [what, before, after, isAllowed] of edits) {
  Deno.test(`an editor of finance ${isAllowed ? "may" : "may not"} ${what}`, () => {
    assert.equal(decideEdit(EDITOR, { before, after }).allowed, isAllowed);
    assert.equal(decideEdit({ ...NOBODY, role: "editor" }, { before, after }).allowed, true);
  });
}
