import assert from "node:assert/strict";
import { type EpochMs, epochMs } from "../../shared/domain/mod.ts";
import { DatabaseClock, type Jump } from "../../shared/store/mod.ts";
import { HandClock } from "../worker/execute/support.ts";

const HOUR_MS = 3_600_000;

/** A measured database clock and its reported jumps; by default the machine's clock is the database's. */
async function measured(machine: HandClock, database: { now(): EpochMs } = machine) {
  const jumps: Jump[] = [];
  const clock = new DatabaseClock({ now: () => Promise.resolve(database.now()) }, machine, (jump) => jumps.push(jump));
  await clock.now();
  return { clock, jumps };
}

Deno.test("a clock that both the machine and the database go by is seen to jump, forward and back", async () => {
  const machine = new HandClock();
  const { clock, jumps } = await measured(machine);
  machine.pass(5000);
  assert.equal(await clock.now(), machine.now());
  assert.deepEqual([jumps, clock.lastJump], [[], null]);
  machine.set(400 * 24 * HOUR_MS);
  assert.equal(await clock.now(), machine.now());
  const forward = clock.lastJump;
  assert.deepEqual(forward, { databaseMs: 400 * 24 * HOUR_MS, machineMs: 400 * 24 * HOUR_MS });
  machine.pass(15_000);
  machine.set(-400 * 24 * HOUR_MS);
  assert.equal(await clock.now(), machine.now());
  assert.deepEqual(clock.lastJump, { databaseMs: -400 * 24 * HOUR_MS, machineMs: -400 * 24 * HOUR_MS });
  assert.equal(jumps.length, 2);
});

Deno.test("the clock of a server elsewhere is seen to jump within a minute", async () => {
  const machine = new HandClock();
  let ahead = 0;
  const { clock, jumps } = await measured(machine, { now: () => epochMs(machine.now() + ahead) });
  ahead = 2 * HOUR_MS;
  machine.pass(60_000);
  assert.equal(await clock.now(), machine.now() + ahead);
  assert.deepEqual(jumps, [{ databaseMs: 2 * HOUR_MS, machineMs: 0 }]);
});

Deno.test("setting the machine's own clock is reported as that, not as a jump of the database's", async () => {
  const machine = new HandClock();
  let set = 0;
  const { clock, jumps } = await measured(machine, { now: () => epochMs(machine.now() - set) });
  set = HOUR_MS;
  machine.set(HOUR_MS);
  await clock.now();
  assert.deepEqual([jumps, clock.lastJump], [[{ databaseMs: 0, machineMs: HOUR_MS }], null]);
});

Deno.test("an answer that took long is no jump", async () => {
  const machine = new HandClock();
  const tripMs = 1800;
  const jumps: Jump[] = [];
  const trips = [0, tripMs, tripMs, tripMs];
  const clock = new DatabaseClock(
    {
      now: () => {
        const at = epochMs(machine.now() + HOUR_MS);
        machine.pass(trips.shift() ?? 0);
        return Promise.resolve(at);
      },
    },
    machine,
    (jump) => jumps.push(jump),
  );
  await clock.now();
  machine.pass(60_000);
  await clock.now();
  assert.deepEqual([jumps, clock.lastJump], [[], null]);
});
