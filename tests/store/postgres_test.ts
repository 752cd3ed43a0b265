import { openPostgresTestStore } from "../support/store.ts";
import { storeContract } from "./contract.ts";

storeContract("PostgreSQL", openPostgresTestStore);
