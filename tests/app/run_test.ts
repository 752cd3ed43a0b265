import assert from "node:assert/strict";
import { dispatchId } from "../../shared/domain/mod.ts";
import { onEachDatabase, openPortal, standing, type TestPortal } from "./_portal.ts";

const run = async ({ store }: TestPortal, id: number) => await store.runs.get(dispatchId(id));

onEachDatabase("a run is started with arguments of its own, once however often the form is sent", async (open) => {
  await using portal = await openPortal(open);
  await portal.job({ args: ["--target", "/srv"] });
  const form = standing(await (await portal.get("/jobs/1/run")).text());
  assert.equal(form.args, "--target\n/srv");
  const typed = { ...form, args: "--dry-run\r\n\r\n$(id)\r\n" };
  const answers = await Promise.all([1, 2].map(() => portal.post("/jobs/1/run", typed)));
  assert.deepEqual(answers.map(({ headers }) => headers.get("location")), ["/runs/1", "/runs/1"]);
  assert.deepEqual((await run(portal, 1))?.args, ["--dry-run", "$(id)"]);
});

onEachDatabase(
  "a run whose arguments are left alone has the job's, one whose are taken away has none",
  async (open) => {
    await using portal = await openPortal(open);
    await portal.job({ args: ["--target", "two\nlines"], overlap: "allow" });
    const form = standing(await (await portal.get("/jobs/1/run")).text());
    await portal.post("/jobs/1/run", { ...form, key: "1" });
    await portal.post("/jobs/1/run", { ...form, key: "2", args: "" });
    assert.equal((await run(portal, 1))?.args, null);
    assert.deepEqual((await run(portal, 2))?.args, []);
  },
);

onEachDatabase(
  "a run that the overlap policy leaves no room for is refused with the reason, and forced when that is asked for",
  async (open) => {
    await using portal = await openPortal(open);
    await portal.job();
    await portal.post("/jobs/1/run", { key: "first" });
    const form = standing(await (await portal.get("/jobs/1/run")).text());
    assert.equal(form.force, undefined);
    const refused = await portal.post("/jobs/1/run", { ...form, args: "mine" });
    const html = await refused.text();
    assert.equal(refused.status, 409);
    assert.match(html, /role="alert">.*It was not started.*An earlier run has not ended: by the overlap policy skip/s);
    assert.deepEqual([standing(html).args, standing(html).key], ["mine", form.key]);
    const forced = await portal.post("/jobs/1/run", { ...standing(html), force: "on" });
    assert.equal(forced.headers.get("location"), "/runs/2");
    assert.deepEqual((await run(portal, 2))?.args, ["mine"]);
  },
);

onEachDatabase("a run that is run again has the arguments it had", async (open) => {
  await using portal = await openPortal(open);
  await portal.job({ args: ["--target"] });
  await portal.post("/jobs/1/run", { key: "first", args: "--once" });
  await portal.post("/runs/1/cancel");
  const page = await (await portal.get("/runs/1")).text();
  await portal.post("/jobs/1/run", standing(page));
  assert.deepEqual((await run(portal, 2))?.args, ["--once"]);
});

onEachDatabase("arguments that no program can be given are refused, and kept as they were typed", async (open) => {
  await using portal = await openPortal(open);
  await portal.job();
  for (
    const [args, reason] of [["a\0b", /NUL/], ['"half', /JSON text/], ["x".repeat(40_000), /bytes together/]] as const
  ) {
    const response = await portal.post("/jobs/1/run", { key: "k", args });
    const html = await response.text();
    assert.equal(response.status, 422);
    assert.match(/id="field-args-problem">([^<]*)/.exec(html)?.[1] ?? "", reason);
    if (!args.includes("\0")) assert.equal(standing(html).args, args);
    assert.equal(await run(portal, 1), null);
  }
});

const overlaps: readonly (readonly [overlap: string, sentence: RegExp])[] = [
  ["skip", /no other is started, unless you force it/],
  ["queue_one", /queue_one, it waits for it/],
  ["queue_all", /queue_all, it waits for it/],
  ["cancel_running", /cancel_running, that is cancelled for it/],
  ["allow", /allow, it runs beside it/],
];
for (const [overlap, sentence] of overlaps) {
  Deno.test(`the form of a run says what the overlap policy ${overlap} would do`, async () => {
    await using portal = await openPortal();
    await portal.job({ overlap });
    assert.match(await (await portal.get("/jobs/1/run")).text(), /nothing is in its way/);
    await portal.post("/jobs/1/run", { key: "first" });
    assert.match(await (await portal.get("/jobs/1/run")).text(), sentence);
  });
}
