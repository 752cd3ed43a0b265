import { simulateOnSeeds } from "./_histories.ts";
import { simulatedSqlite } from "./databases.ts";

simulateOnSeeds({ name: "SQLite", make: simulatedSqlite, seeds: 300, makeBusy: simulatedSqlite });
