import { dirname } from "node:path";
import { type OwnPostgres, ownPostgres } from "../support/postgres.ts";
import { openSiteOn, Service } from "../support/process.ts";
import { openPostgresTestStore } from "../support/store.ts";

/** Ways to a server that take files, which a service must still be able to use after it gave up the others. */
const ways: readonly (readonly [way: string, query: (server: OwnPostgres) => string])[] = [
  ["by its socket", ({ port, rootCertificate }) => `host=${dirname(rootCertificate)}&port=${port}`],
  ["with a certificate", ({ rootCertificate }) => `sslmode=verify-full&sslrootcert=${rootCertificate}`],
];

for (const [way, query] of ways) {
  for (const task of ["scheduler", "worker"] as const) {
    Deno.test(`${task} connects again to a server that it reaches ${way}`, async () => {
      await using server = await ownPostgres({ tls: true });
      await using site = await openSiteOn(() => openPostgresTestStore(server));
      const url = new URL(site.url);
      const env = {
        ...site.env,
        DATABASE_URL: `postgresql://postgres@localhost:${url.port}${url.pathname}?${query(server)}`,
        SCHEDULER_POLL_INTERVAL: "0.5",
        WORKER_HEARTBEAT_INTERVAL: "0.5",
      };
      await using service = await Service.start(task, env);
      await service.line(/has started/);
      await server.crash();
      await service.line(/does not answer/);
      await server.start();
      await service.line(/answers again/);
    });
  }
}
