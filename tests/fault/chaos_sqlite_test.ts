import { openSiteOn } from "../support/process.ts";
import { openTestStore } from "../support/store.ts";
import { openDirectory } from "../support/temporary.ts";
import { CHAOS_SETTINGS, type ChaosSite, testChaos } from "./_survives.ts";

async function open(): Promise<ChaosSite> {
  const vacant = async () => {
    const { path, [Symbol.asyncDispose]: dispose } = await openDirectory();
    return { url: `sqlite:///${path}/restored.db`, [Symbol.asyncDispose]: dispose };
  };
  return { ...await openSiteOn(openTestStore, CHAOS_SETTINGS), vacant };
}

testChaos("SQLite", open);
