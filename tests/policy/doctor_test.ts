import assert from "node:assert/strict";
import { epochMs, type Service, workerId } from "../../shared/domain/mod.ts";
import {
  CLOCK_OFF_MS,
  diagnose,
  DISK_SHORT,
  type InstallationFacts,
  judgeSystem,
  OLD_MS,
  WAL_LARGE_BYTES,
} from "../../shared/policy/mod.ts";
import { NOTHING } from "./_totals.ts";

const NOW = epochMs(Date.UTC(2026, 0, 2));

const RETENTION = { historyDays: 30, runsPerJob: null, auditDays: 400, statisticsDays: 1 };
const KEPT = "runs, output and events for 30 days, the audit list for 400 days, statistics for 1 day";

const old: Service = {
  serviceId: "s",
  kind: "scheduler",
  hostname: "node-1",
  processId: 1,
  version: "1.0.0",
  startedAt: NOW,
  lastPassAt: NOW,
};
const scheduler: Service = { ...old, retention: RETENTION };

const worker = {
  workerId: workerId("w"),
  hostname: "node-2",
  platform: "linux",
  processId: 2,
  version: "1.0.0",
  tags: [],
  concurrency: 4,
  status: "IDLE",
  startedAt: NOW,
  lastHeartbeat: NOW,
  jobsProcessed: 0,
  currentDispatchIds: [],
  drainRequestedAt: null,
  endedAt: null,
} as const;

const database: InstallationFacts["database"] = {
  product: "SQLite 3.53.2",
  schema: "0021_newest_failure",
  bytes: 3 * 1024 ** 2,
  disk: { freeBytes: 50 * 1024 ** 3, totalBytes: 100 * 1024 ** 3 },
  walBytes: 0,
  openFiles: [],
  oldestSnapshot: null,
  consumers: [{ name: "statistics", since: null }],
};

/** An installation in which all is fine. */
const healthy: InstallationFacts = {
  database,
  writeProblem: null,
  sizes: null,
  status: judgeSystem({ services: [scheduler], workers: [worker], totals: NOTHING, now: NOW }),
  services: [scheduler],
  workers: [worker],
  directories: [{ path: "/srv/scripts", problem: null }],
  aheadMs: -3,
  version: "1.0.0",
  now: NOW,
};

/** The lines that are not fine: the check, how bad it is, and what was found. */
function wrong(facts: Partial<InstallationFacts>): readonly (readonly [string, string, string])[] {
  return diagnose({ ...healthy, ...facts }).filter(({ level }) => level !== "fine").map(
    ({ check, level, found, advice }) => {
      assert.ok(advice !== null && advice.length > 0, `${check} says what to do`);
      return [check, level, found];
    },
  );
}

Deno.test("diagnose() finds a healthy installation fine in every line", () => {
  const lines = diagnose(healthy);
  assert.deepEqual(lines.filter(({ level, advice }) => level !== "fine" || advice !== null), []);
  assert.deepEqual(lines.map(({ check }) => check), [
    "database",
    "writing",
    "schema",
    "disk",
    "wal",
    "files",
    "snapshot",
    "clock",
    "versions",
    "retention",
    "services",
    "outbox",
    "scripts",
  ]);
  assert.equal(lines[0]?.found, "SQLite 3.53.2, 3.0 MiB");
  assert.equal(
    lines.find(({ check }) => check === "retention")?.found,
    `schedulers keep ${KEPT}`,
  );
});

Deno.test("diagnose() names the 15 largest tables and indexes", () => {
  const sizes = Array.from({ length: 16 }, (_, i) => ({ name: `t${i}`, isIndex: i === 1, bytes: 16 - i }));
  const found = diagnose({ ...healthy, sizes }).filter(({ check }) => check === "size").map((line) => line.found);
  assert.deepEqual([found.length, found[0], found[1], found[14]], [
    15,
    "table t0: 16 bytes",
    "index t1: 15 bytes",
    "table t14: 2 bytes",
  ]);
});

const snapshot = { holder: "process 7 of user backup", ending: "SELECT pg_terminate_backend(7)" };
const { bytes: SHORT } = DISK_SHORT;

const defects:
  readonly (readonly [name: string, facts: Partial<InstallationFacts>, wrong: ReturnType<typeof wrong>])[] = [
    ["a database that takes no writes", { writeProblem: "It is read-only" }, [[
      "writing",
      "critical",
      "It is read-only",
    ]]],
    [
      "a disk that is short",
      { database: { ...database, disk: { freeBytes: SHORT - 1, totalBytes: 2 * SHORT } } },
      [["disk", "warning", "1024.0 MiB of 2.0 GiB are free"]],
    ],
    [
      "a disk that is nearly full",
      { database: { ...database, disk: { freeBytes: 0, totalBytes: 2 * SHORT } } },
      [["disk", "critical", "0 bytes of 2.0 GiB are free"]],
    ],
    [
      "a -wal that is not written back",
      { database: { ...database, walBytes: WAL_LARGE_BYTES + 1 } },
      [["wal", "warning", "256.0 MiB wait in the -wal to be written back"]],
    ],
    [
      "files that others may read",
      { database: { ...database, openFiles: [{ path: "/srv/jobs.db", mode: "0644" }] } },
      [["files", "warning", "others may read or write /srv/jobs.db, whose mode is 0644"]],
    ],
    [
      "an old snapshot",
      { database: { ...database, oldestSnapshot: { ...snapshot, since: epochMs(NOW - OLD_MS) } } },
      [["snapshot", "warning", "process 7 of user backup holds one for 5 min, so that claims slow down"]],
    ],
    [
      "a snapshot whose age is unknown",
      { database: { ...database, oldestSnapshot: { ...snapshot, since: null } } },
      [["snapshot", "warning", "process 7 of user backup holds one, so that claims slow down"]],
    ],
    ["a young snapshot", { database: { ...database, oldestSnapshot: { ...snapshot, since: NOW } } }, []],
    [
      "a clock that is ahead",
      { aheadMs: CLOCK_OFF_MS + 1 },
      [["clock", "warning", "this machine is 2001 ms ahead of the database"]],
    ],
    [
      "another version at work",
      { services: [{ ...scheduler, version: "0.9.0" }] },
      [["versions", "warning", "the scheduler on node-1 runs 0.9.0, this is 1.0.0"]],
    ],
    ["another version that has died", { services: [{ ...scheduler, version: "0.9.0", lastPassAt: epochMs(0) }] }, []],
    [
      "schedulers that keep different things",
      { services: [scheduler, { ...scheduler, hostname: "node-3", retention: { ...RETENTION, runsPerJob: 500 } }] },
      [
        ["retention", "warning", `the scheduler on node-1 keeps ${KEPT}; another keeps something else`],
        [
          "retention",
          "warning",
          `the scheduler on node-3 keeps ${
            KEPT.replace(/(?=, the audit)/, ", at most 500 runs of a job")
          }; another keeps something else`,
        ],
      ],
    ],
    [
      "a scheduler that has died and kept something else",
      { services: [scheduler, { ...scheduler, lastPassAt: epochMs(0), retention: { ...RETENTION, runsPerJob: 1 } }] },
      [],
    ],
    ["a scheduler from before schedulers said what they keep", { services: [old, scheduler] }, []],
    [
      "no scheduler",
      { status: judgeSystem({ services: [], workers: [worker], totals: NOTHING, now: NOW }) },
      [["no scheduler", "critical", "No scheduler is running, so no job starts by its schedule."]],
    ],
    [
      "a consumer that is behind",
      { database: { ...database, consumers: [{ name: "statistics", since: epochMs(NOW - OLD_MS) }] } },
      [["outbox", "warning", "the consumer statistics is behind by 5 min"]],
    ],
    [
      "a script directory that is not there",
      { directories: [{ path: "/srv/scripts", problem: "it is not there" }] },
      [["scripts", "warning", "/srv/scripts: it is not there"]],
    ],
  ];

for (const [name, facts, expected] of defects) {
  Deno.test(`diagnose() judges ${name}`, () => assert.deepEqual(wrong(facts), expected));
}
