/**
 * The invariants of `docs/architecture.md` ("What holds"), under everything that may go wrong. SIMULATION_SEEDS sets how many
 * histories each database gets (default: 2000 and 20), SIMULATION_SEED replays one, SIMULATION_TRACE=1 tells all of its events.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type OpenDatabase, simulatedPostgres, simulatedSqlite } from "./databases.ts";
import { simulate } from "./simulation.ts";

/** The databases, and how many seeds each gets by default. */
const DATABASES = [
  { name: "SQLite", make: simulatedSqlite, seeds: 2000 },
  { name: "PostgreSQL", make: simulatedPostgres, seeds: 20 },
];

/** The seeds to run. */
function seedsOf(count: number): readonly number[] {
  const one = Deno.env.get("SIMULATION_SEED");
  if (one !== undefined) return [Number(one)];
  return Array.from({ length: Number(Deno.env.get("SIMULATION_SEEDS") ?? count) }, (_, index) => index + 1);
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
    for (const seed of seedsOf(seeds)) await simulateOn(name, database.open, seed);
  });

  Deno.test(`${name}: a seed is one history`, async () => {
    await using database = await make();
    for (const seed of [1, 2, 3]) {
      const first = await simulateOn(name, database.open, seed);
      assert.equal(await simulateOn(name, database.open, seed), first);
    }
  });
}
