/**
 * The schema of each database as a list of forward-only steps, one SQL file a step. A file that has been released is never
 * edited; a new step is a new file and a new line here. The SQL is part of the program, so a compiled binary and an installed
 * package need no files beside them.
 *
 * ```ts ignore
 * import { migrations } from "@jobtrigger/shared/migrations";
 * import { openStore } from "@jobtrigger/shared/store";
 *
 * const store = await openStore("sqlite:////var/lib/jobs.db", { migrations });
 * console.log(await store.workers.list());
 * await store.close();
 * ```
 *
 * @module
 */
import type { Migrations } from "../store/migration.ts";
import postgres0001 from "./postgres/0001_core.sql" with { type: "text" };
import postgres0002 from "./postgres/0002_policies.sql" with { type: "text" };
import postgres0003 from "./postgres/0003_log_places.sql" with { type: "text" };
import postgres0004 from "./postgres/0004_room.sql" with { type: "text" };
import postgres0005 from "./postgres/0005_backfilled.sql" with { type: "text" };
import postgres0006 from "./postgres/0006_failures_of_a_job.sql" with { type: "text" };
import postgres0008 from "./postgres/0008_last_failures.sql" with { type: "text" };
import postgres0009 from "./postgres/0009_cancel_reason.sql" with { type: "text" };
import postgres0010 from "./postgres/0010_run_events.sql" with { type: "text" };
import postgres0011 from "./postgres/0011_revisions.sql" with { type: "text" };
import postgres0012 from "./postgres/0012_accounts.sql" with { type: "text" };
import postgres0013 from "./postgres/0013_audit.sql" with { type: "text" };
import postgres0015 from "./postgres/0015_webhooks.sql" with { type: "text" };
import postgres0016 from "./postgres/0016_status.sql" with { type: "text" };
import postgres0017 from "./postgres/0017_health.sql" with { type: "text" };
import postgres0018 from "./postgres/0018_statistics.sql" with { type: "text" };
import postgres0019 from "./postgres/0019_job_list.sql" with { type: "text" };
import postgres0020 from "./postgres/0020_narrowed_runs.sql" with { type: "text" };
import postgres0021 from "./postgres/0021_newest_failure.sql" with { type: "text" };
import postgres0022 from "./postgres/0022_alerts.sql" with { type: "text" };
import postgres0026 from "./postgres/0026_interrupted_bulk.sql" with { type: "text" };
import postgres0027 from "./postgres/0027_delivery_keys.sql" with { type: "text" };
import postgres0028 from "./postgres/0028_retention.sql" with { type: "text" };
import postgres0029 from "./postgres/0029_correlated_notices.sql" with { type: "text" };
import sqlite0001 from "./sqlite/0001_core.sql" with { type: "text" };
import sqlite0002 from "./sqlite/0002_written_once.sql" with { type: "text" };
import sqlite0003 from "./sqlite/0003_policies.sql" with { type: "text" };
import sqlite0004 from "./sqlite/0004_log_places.sql" with { type: "text" };
import sqlite0005 from "./sqlite/0005_backfilled.sql" with { type: "text" };
import sqlite0006 from "./sqlite/0006_failures_of_a_job.sql" with { type: "text" };
import sqlite0008 from "./sqlite/0008_last_failures.sql" with { type: "text" };
import sqlite0009 from "./sqlite/0009_cancel_reason.sql" with { type: "text" };
import sqlite0010 from "./sqlite/0010_run_events.sql" with { type: "text" };
import sqlite0011 from "./sqlite/0011_revisions.sql" with { type: "text" };
import sqlite0012 from "./sqlite/0012_accounts.sql" with { type: "text" };
import sqlite0013 from "./sqlite/0013_audit.sql" with { type: "text" };
import sqlite0015 from "./sqlite/0015_webhooks.sql" with { type: "text" };
import sqlite0016 from "./sqlite/0016_status.sql" with { type: "text" };
import sqlite0017 from "./sqlite/0017_health.sql" with { type: "text" };
import sqlite0018 from "./sqlite/0018_statistics.sql" with { type: "text" };
import sqlite0019 from "./sqlite/0019_job_list.sql" with { type: "text" };
import sqlite0020 from "./sqlite/0020_narrowed_runs.sql" with { type: "text" };
import sqlite0021 from "./sqlite/0021_newest_failure.sql" with { type: "text" };
import sqlite0022 from "./sqlite/0022_alerts.sql" with { type: "text" };
import sqlite0026 from "./sqlite/0026_interrupted_bulk.sql" with { type: "text" };
import sqlite0027 from "./sqlite/0027_delivery_keys.sql" with { type: "text" };
import sqlite0028 from "./sqlite/0028_retention.sql" with { type: "text" };
import sqlite0029 from "./sqlite/0029_correlated_notices.sql" with { type: "text" };

/** All steps, in order. */
export const migrations: Migrations = {
  sqlite: [
    { name: "0001_core", sql: sqlite0001 },
    { name: "0002_written_once", sql: sqlite0002 },
    { name: "0003_policies", sql: sqlite0003 },
    { name: "0004_log_places", sql: sqlite0004 },
    { name: "0005_backfilled", sql: sqlite0005 },
    { name: "0006_failures_of_a_job", sql: sqlite0006 },
    { name: "0008_last_failures", sql: sqlite0008 },
    { name: "0009_cancel_reason", sql: sqlite0009 },
    { name: "0010_run_events", sql: sqlite0010 },
    { name: "0011_revisions", sql: sqlite0011 },
    { name: "0012_accounts", sql: sqlite0012 },
    { name: "0013_audit", sql: sqlite0013 },
    { name: "0015_webhooks", sql: sqlite0015 },
    { name: "0016_status", sql: sqlite0016 },
    { name: "0017_health", sql: sqlite0017 },
    { name: "0018_statistics", sql: sqlite0018 },
    { name: "0019_job_list", sql: sqlite0019 },
    { name: "0020_narrowed_runs", sql: sqlite0020 },
    { name: "0021_newest_failure", sql: sqlite0021 },
    { name: "0022_alerts", sql: sqlite0022 },
    { name: "0026_interrupted_bulk", sql: sqlite0026 },
    { name: "0027_delivery_keys", sql: sqlite0027 },
    { name: "0028_retention", sql: sqlite0028 },
    { name: "0029_correlated_notices", sql: sqlite0029 },
  ],
  postgres: [
    { name: "0001_core", sql: postgres0001 },
    { name: "0002_policies", sql: postgres0002 },
    { name: "0003_log_places", sql: postgres0003 },
    { name: "0004_room", sql: postgres0004 },
    { name: "0005_backfilled", sql: postgres0005 },
    { name: "0006_failures_of_a_job", sql: postgres0006 },
    { name: "0008_last_failures", sql: postgres0008 },
    { name: "0009_cancel_reason", sql: postgres0009 },
    { name: "0010_run_events", sql: postgres0010 },
    { name: "0011_revisions", sql: postgres0011 },
    { name: "0012_accounts", sql: postgres0012 },
    { name: "0013_audit", sql: postgres0013 },
    { name: "0015_webhooks", sql: postgres0015 },
    { name: "0016_status", sql: postgres0016 },
    { name: "0017_health", sql: postgres0017 },
    { name: "0018_statistics", sql: postgres0018 },
    { name: "0019_job_list", sql: postgres0019 },
    { name: "0020_narrowed_runs", sql: postgres0020 },
    { name: "0021_newest_failure", sql: postgres0021 },
    { name: "0022_alerts", sql: postgres0022 },
    { name: "0026_interrupted_bulk", sql: postgres0026 },
    { name: "0027_delivery_keys", sql: postgres0027 },
    { name: "0028_retention", sql: postgres0028 },
    { name: "0029_correlated_notices", sql: postgres0029 },
  ],
};
