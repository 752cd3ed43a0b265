/**
 * Checks the invariants of `docs/architecture.md` under faults of all kinds. Each day brings other histories.
 * SIMULATION_SEEDS sets how many each database gets (default: 300 on SQLite, 10 on PostgreSQL), SIMULATION_FROM the first seed, SIMULATION_SEED
 * replays one history, SIMULATION_TRACE=1 prints all of its events. `deno task test:long` runs thousands.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { OpenDatabase, Simulated } from "./databases.ts";
import { simulate } from "./simulation.ts";

/** Seeds that one day moves on by: more than a default run takes. */
const SEEDS_A_DAY = 1000;
const DAY_MS = 86_400_000;

/** The seeds to run, which it prints. */
function seedsOf(database: string, count: number): readonly number[] {
  const one = Deno.env.get("SIMULATION_SEED");
  if (one !== undefined) return [Number(one)];
  const first = Number(Deno.env.get("SIMULATION_FROM") ?? Math.floor(Date.now() / DAY_MS) * SEEDS_A_DAY);
  const seeds = Array.from({ length: Number(Deno.env.get("SIMULATION_SEEDS") ?? count) }, (_, index) => first + index);
  console.log(`${database}: seeds ${seeds[0]} to ${seeds.at(-1)}`);
  return seeds;
}

/** Runs the simulation of `seed`; a failure says how to repeat it. */
async function simulateOn(database: string, open: OpenDatabase, seed: number): Promise<readonly string[]> {
  try {
    return await simulate(seed, open);
  } catch (error) {
    const command =
      `SIMULATION_SEED=${seed} deno test --allow-all --unstable-bundle --filter '/^${database}/' tests/simulation`;
    throw new Error(
      `Seed ${seed} on ${database}, again with\n  ${command}\n${error instanceof Error ? error.message : error}`,
    );
  }
}

/** How many events a failure shows before the first difference, and after. */
const [SHOWN_BEFORE, SHOWN_AFTER] = [15, 5];

/** Compares two histories of one seed; when they differ, shows where they part. */
function assertSameHistory(seed: number, first: readonly string[], second: readonly string[]): void {
  const index = Array.from({ length: Math.max(first.length, second.length) }, (_, index) => index)
    .find((index) => first[index] !== second[index]);
  if (index === undefined) return;
  const lines = (trace: readonly string[], from: number, to: number) =>
    trace.slice(Math.max(0, from), to).map((line) => `\n  ${line}`).join("");
  assert.fail(
    `Seed ${seed} took two paths, which part at event ${index}. Both:${lines(first, index - SHOWN_BEFORE, index)}
First:${lines(first, index, index + SHOWN_AFTER)}
Second:${lines(second, index, index + SHOWN_AFTER)}`,
  );
}

/** A database on which histories are made. */
export interface Subject {
  readonly name: string;
  readonly make: () => Promise<Simulated>;
  /** The default number of seeds. */
  readonly seeds: number;
  /** The same, on a server with other load. */
  readonly makeBusy: () => Promise<Simulated>;
}

/** How many of the seeds are run once more beside other load. */
const TWICE = 3;

/** Registers the tests of one database. */
export function simulateOnSeeds({ name, make, seeds, makeBusy }: Subject): void {
  Deno.test(`${name}: the invariants hold in every history, all work drains, and a seed is one history`, async (t) => {
    const all = seedsOf(name, seeds);
    const histories = new Map<number, readonly string[]>();
    await t.step("on a quiet server", async () => {
      await using database = await make();
      for (const seed of all) {
        const history = await simulateOn(name, database.open, seed);
        if (histories.size < TWICE) histories.set(seed, history);
      }
    });
    await t.step("whatever else the server does", async () => {
      await using busy = await makeBusy();
      for (const [seed, history] of histories) {
        assertSameHistory(seed, history, await simulateOn(name, busy.open, seed));
      }
    });
  });
}
