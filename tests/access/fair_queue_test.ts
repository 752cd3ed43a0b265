import assert from "node:assert/strict";
import { FairQueue } from "../../shared/access/fair_queue.ts";
import { Busy } from "../../shared/domain/mod.ts";

/** A queue of one at a time, whose works end when the test lets them, in the order in which they began. */
function held(bounds: { readonly strangers?: number; readonly ofGroup?: number } = {}) {
  const queue = new FairQueue({ atOnce: 1, strangers: 100, ofGroup: 10, known: 100, ...bounds });
  const begun: string[] = [];
  let end = () => {};
  const run = (name: string, group: string | null) =>
    queue.run(group, () => {
      begun.push(name);
      return new Promise<string>((resolve) => end = () => resolve(name));
    });
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return {
    begun,
    run,
    /** Ends `count` works, one after another. */
    pass: async (count: number) => {
      for (let i = 0; i < count; i++) {
        end();
        await settle();
      }
    },
  };
}

Deno.test("a network that sends many passwords waits for its own: another's is checked in the next turn", async () => {
  const { begun, run, pass } = held();
  const all = [0, 1, 2, 3, 4].map((i) => run(`flood ${i}`, "flood"));
  all.push(run("alice", "alice"));
  await pass(6);
  await Promise.all(all);
  assert.deepEqual(begun, ["flood 0", "flood 1", "alice", "flood 2", "flood 3", "flood 4"]);
});

Deno.test("who is signed in has every other turn, however many networks of strangers wait", async () => {
  const { begun, run, pass } = held();
  const all = [0, 1, 2, 3].map((i) => run(`stranger ${i}`, `network ${i}`));
  all.push(run("own 1", null), run("own 2", null));
  await pass(6);
  await Promise.all(all);
  assert.deepEqual(begun, ["stranger 0", "own 1", "stranger 1", "own 2", "stranger 2", "stranger 3"]);
});

Deno.test("a network has so many places at most, and those that are signed in do not take them", async () => {
  const { run, pass } = held({ ofGroup: 2 });
  const all = ["a", "b", "c"].map((name) => run(name, "flood"));
  await assert.rejects(run("d", "flood"), Busy);
  all.push(run("own", null), run("other", "other"));
  await pass(5);
  assert.equal((await Promise.all(all)).length, 5);
});

Deno.test("where all places are taken, a network with few gets one of the network with most", async () => {
  const { begun, run, pass } = held({ strangers: 4 });
  const flood = Promise.allSettled([0, 1, 2, 3].map((i) => run(`flood ${i}`, "flood")));
  const others = [run("bob", "bob"), run("alice", "alice")];
  await pass(6);
  const refused = (await flood).filter((one) => one.status === "rejected");
  assert.deepEqual(refused.map(({ reason }) => reason instanceof Busy), [true]);
  assert.deepEqual(await Promise.all(others), ["bob", "alice"]);
  assert.deepEqual(begun, ["flood 0", "flood 1", "bob", "alice", "flood 2"]);
});

Deno.test("where all places are taken and no network has more than one, one more network is refused", async () => {
  const { run, pass } = held({ strangers: 2 });
  const all = ["alice", "bob", "carol"].map((name) => run(name, name));
  await assert.rejects(run("dave", "dave"), Busy);
  await pass(3);
  assert.deepEqual(await Promise.all(all), ["alice", "bob", "carol"]);
});

Deno.test("a work that fails gives its place on", async () => {
  const queue = new FairQueue({ atOnce: 1, strangers: 1, ofGroup: 1, known: 1 });
  await assert.rejects(queue.run(null, () => Promise.reject(new Error("no"))), /no/);
  assert.equal(await queue.run("x", () => Promise.resolve(7)), 7);
});
