import { ownPostgres } from "../support/postgres.ts";
import { openSiteOn } from "../support/process.ts";
import { openPostgresTestStore } from "../support/store.ts";
import { CHAOS_SETTINGS, type ChaosSite, testChaos } from "./_survives.ts";

async function openOwnPostgres(): Promise<ChaosSite> {
  const server = await ownPostgres();
  const site = await openSiteOn(() => openPostgresTestStore(server), CHAOS_SETTINGS);
  return {
    ...site,
    async crash() {
      await server.crash();
      await server.start();
    },
    vacant: () => server.createDatabase(),
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

testChaos("PostgreSQL", openOwnPostgres);
