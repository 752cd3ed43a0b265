import { simulateOnSeeds } from "./_histories.ts";
import { simulatedBesideNeighbour, simulatedPostgres } from "./databases.ts";

simulateOnSeeds({ name: "PostgreSQL", make: simulatedPostgres, seeds: 10, makeBusy: simulatedBesideNeighbour });
