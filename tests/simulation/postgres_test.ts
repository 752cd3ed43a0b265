import { simulateOnSeeds } from "./_histories.ts";
import { busyNeighbour, simulatedPostgres } from "./databases.ts";

simulateOnSeeds({ name: "PostgreSQL", make: simulatedPostgres, seeds: 10, neighbour: busyNeighbour });
