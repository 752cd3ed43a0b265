import { openSiteOn } from "../support/process.ts";
import { openTestStore } from "../support/store.ts";
import { CHAOS_SETTINGS, testChaos } from "./_survives.ts";

testChaos("SQLite", () => openSiteOn(openTestStore, CHAOS_SETTINGS));
