/**
 * The invariants of `docs/architecture.md` ("What holds"), under everything that may go wrong. Each day brings other histories.
 * SIMULATION_SEEDS sets how many each database gets (default: 300 and 20), SIMULATION_FROM the first seed, SIMULATION_SEED
 * replays one history, SIMULATION_TRACE=1 prints all of its events. `deno task test:long` runs thousands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type OpenDatabase, simulatedPostgres, simulatedSqlite } from "./databases.ts";
import { simulate } from "./simulation.ts";

/** The databases, and how many seeds each gets by default. */
const DATABASES = [
  { name: "SQLite", make: simulatedSqlite, seeds: 300 },
  { name: "PostgreSQL", make: simulatedPostgres, seeds: 20 },
];

/** Seeds that one day moves on by: more than a default run takes. */
const SEEDS_A_DAY = 1000;
const DAY_MS = 86_400_000;

/** The seeds to run; says which. */
function seedsOf(database: string, count: number): readonly number[] {
  const one = Deno.env.get("SIMULATION_SEED");
  if (one !== undefined) return [Number(one)];
  const first = Number(Deno.env.get("SIMULATION_FROM") ?? Math.floor(Date.now() / DAY_MS) * SEEDS_A_DAY);
  const seeds = Array.from({ length: Number(Deno.env.get("SIMULATION_SEEDS") ?? count) }, (_, index) => first + index);
  console.log(`${database}: seeds ${seeds[0]} to ${seeds.at(-1)}`);
  return seeds;
}

/** Runs the simulation of `seed`; when it fails, says how to see it again. */
async function simulateOn(database: string, open: OpenDatabase, seed: number): Promise<number> {
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

for (const { name, make, seeds } of DATABASES) {
  Deno.test(`${name}: the invariants hold in every history, and all work drains`, async () => {
    await using database = await make();
    for (const seed of seedsOf(name, seeds)) await simulateOn(name, database.open, seed);
  });

  Deno.test(`${name}: a seed is one history`, async () => {
    await using database = await make();
    for (const seed of [1, 2, 3]) {
      const first = await simulateOn(name, database.open, seed);
      assert.equal(await simulateOn(name, database.open, seed), first);
    }
  });
}
