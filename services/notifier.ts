/**
 * Entry point of the notifier: `deno task notifier`.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { notifierConfig, parseDatabaseUrl } from "@jobtrigger/shared/config";
import { identifyService, Presence } from "@jobtrigger/shared/store";
import { runNotifier } from "./notifier/notifier.ts";
import { Gate } from "./notifier/network.ts";
import { runService } from "./service.ts";

/** How often to look where the database cannot announce changes. */
const POLL_MS = 5_000;

await runService({
  name: "notifier",
  readConfig: notifierConfig,
  pollMsOf: () => POLL_MS,
  healthPort: { variable: "NOTIFIER_HEALTH_PORT", of: ({ notifierHealthPort }) => notifierHealthPort },
  reads: [],
  keepsNetwork: true,
  run: ({ config, ...context }, { stop }) => {
    const presence = new Presence(context.store.services, identifyService("notifier"));
    const database = parseDatabaseUrl(config.databaseUrl);
    return runNotifier({
      ...context,
      presence,
      gate: new Gate(config.allowedHosts),
      publicUrl: config.publicUrl,
      freeBytes: database.kind === "sqlite" ? () => freeBytesOf(database.path) : null,
    }, stop);
  },
});

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
