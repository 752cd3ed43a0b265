/**
 * Entry point of the worker: `deno task worker`. The only process that may run programs.
 *
 * @module
 */
import { workerConfig } from "@jobtrigger/shared/config";
import { runService } from "./service.ts";
import { Cgroups, endOrphans, ProcessTable } from "./worker/execute/mod.ts";
import { scriptExecutor } from "./worker/executor.ts";
import { identify } from "./worker/identity.ts";
import { installationOf } from "./worker/installation.ts";
import { scriptSurroundings } from "./worker/surroundings.ts";
import { runWorker } from "./worker/worker.ts";

await runService({
  name: "worker",
  readConfig: workerConfig,
  pollMsOf: ({ workerPollMs }) => workerPollMs,
  healthPort: { variable: "WORKER_HEALTH_PORT", of: ({ workerHealthPort }) => workerHealthPort },
  run: async (context, signals) => {
    const { config, clock, log } = context;
    const scripts = await scriptSurroundings(config, log);
    await using table = new ProcessTable();
    const self = await table.self();
    const owner = self === null ? null : { installation: await installationOf(config.databaseUrl), ...self };
    await using cgroups = owner === null ? null : await Cgroups.open(owner);
    if (cgroups === null) {
      log.info("No cgroups can be made here: processes of a run are found by session, mark and parent");
    } else {
      table.settle(cgroups.home);
      log.info("Each run gets a cgroup of its own in {directory}", { directory: cgroups.home });
    }
    const identity = identify(config);
    const executor = scriptExecutor(config, {
      ...scripts,
      table,
      owner,
      cgroups,
      onWarning: (message) => log.warn("{message}", { message }),
    });

    const ended = new AbortController();
    const sweep = async (signal: AbortSignal) => {
      if (owner !== null) await endOrphans({ table, cgroups, owner, graceMs: config.killGraceMs, clock, log }, signal);
    };
    // End orphans before any claim, so that a retry does not start beside its former attempt.
    await sweep(signals.stop);
    // Look again more often than leases expire, for the same reason.
    const sweeping = (async () => {
      while (true) {
        await clock.sleep(config.heartbeatMs, ended.signal);
        if (ended.signal.aborted) return;
        await sweep(ended.signal);
      }
    })();
    try {
      await runWorker({ ...context, identity, executor }, signals);
    } finally {
      ended.abort();
      await sweeping;
    }
  },
});
