import assert from "node:assert/strict";
import { DEFAULT_POLICIES, epochMs, type Policies } from "../../shared/domain/mod.ts";
import { policySentences } from "../../shared/api/mod.ts";
import { parseScheduleText } from "../../shared/schedule/mod.ts";

const { misfire, retry } = DEFAULT_POLICIES;
const DUE = "If it is due while an earlier run has not ended, ";
const RETRIED = "If it fails, times out or its worker is lost, it is retried ";
const NOT_RETRIED = "; not if its script cannot be run, or it is cancelled.";

function told(change: Partial<Policies>, schedule = "daily at 09:00"): readonly string[] {
  const context = { timezone: "Asia/Hong_Kong", defaults: false, schedule: parseScheduleText(schedule) };
  return policySentences({ ...DEFAULT_POLICIES, ...change }, context)
    .map(({ field, sentence, isWarning }) => `${field}${isWarning ? "!" : ""}: ${sentence}`);
}

const cases: readonly (readonly [name: string, change: Partial<Policies>, sentences: readonly string[]])[] = [
  ["defaults", {}, []],
  ["an overlap that queues one", { overlap: "queue_one" }, [
    `overlap: ${DUE}it waits for it; a second one does not run (overlap queue_one).`,
  ]],
  ["an overlap that queues all", { overlap: "queue_all" }, [
    `overlap: ${DUE}it waits for it, behind others that wait; with 100 waiting, further ones do not run (overlap queue_all).`,
  ]],
  ["an overlap that cancels", { overlap: "cancel_running" }, [
    `overlap: ${DUE}the earlier one is cancelled, and it runs once that has ended (overlap cancel_running).`,
  ]],
  ["an overlap that allows", { overlap: "allow" }, [`overlap: ${DUE}it runs beside it (overlap allow).`]],
  ["a grace", { misfire: { ...misfire, graceSeconds: 90 } }, [
    "misfire: Of times missed by more than 1 min 30 s, the latest runs late; the others do not run (misfire run_latest).",
  ]],
  ["a misfire that skips", { misfire: { ...misfire, kind: "skip" } }, [
    "misfire: A time missed by more than 1 min does not run (misfire skip).",
  ]],
  ["a misfire that runs all", { misfire: { ...misfire, kind: "run_all", limit: 5 }, overlap: "allow" }, [
    "misfire: Each time missed by more than 1 min runs late, oldest first; of more than 5, the latest 5 (misfire run_all).",
    `overlap: ${DUE}it runs beside it (overlap allow).`,
  ]],
  ["a catch-up window", { misfire: { ...misfire, catchupSeconds: 7200 } }, [
    "misfire: Of times missed by more than 1 min, the latest runs late; the others do not run (misfire run_latest).",
    "catchup_window: Times missed more than 2 h ago do not run (catchup_window).",
  ]],
  ["a spread", { spreadSeconds: 600 }, [
    "spread: It starts up to 10 min after the time it is due, always by as much (spread 600).",
  ]],
  ["a validity", { startsAt: epochMs(Date.UTC(2026, 11, 1)), endsAt: epochMs(Date.UTC(2026, 11, 2)) }, [
    "starts_at: Before 2026-12-01 08:00:00 Asia/Hong_Kong it is never due.",
    "ends_at: After 2026-12-02 08:00:00 Asia/Hong_Kong it is never due.",
  ]],
  ["a high priority", { priority: 5 }, [
    "priority: It is claimed before others (priority 5): most have 0, higher goes first.",
  ]],
  ["a low priority", { priority: -5 }, [
    "priority: It is claimed after others (priority -5): most have 0, higher goes first.",
  ]],
  ["tags", { tags: ["eu", "gpu"] }, [
    "tags: Only a worker with all the tags eu, gpu runs it (WORKER_TAGS of the worker); until one does, it waits, and counts as not ended.",
  ]],
  ["a key", { concurrency: { key: "backup", limit: 2 } }, [
    "concurrency_key: It starts only while fewer than 2 runs with the key backup, of any job, go on; until then it waits, and counts as not ended.",
  ]],
  ["a key of one place", { concurrency: { key: "backup", limit: 1 } }, [
    "concurrency_key: It starts only while no other run with the key backup, of any job, goes on; until then it waits, and counts as not ended.",
  ]],
  ["a time limit", { timeoutSeconds: 5400 }, ["timeout: An attempt is stopped after 1 h 30 min (timeout)."]],
  ["three retries", { retry: { ...retry, max: 3 } }, [
    `max_retries: ${RETRIED}up to 3 times after about 10 s, 20 s, 40 s${NOT_RETRIED}`,
  ]],
  ["one retry", { retry: { ...retry, max: 1 } }, [`max_retries: ${RETRIED}once after about 10 s${NOT_RETRIED}`]],
  ["many retries", { retry: { ...retry, max: 9, capSeconds: 100 } }, [
    `max_retries: ${RETRIED}up to 9 times after about 10 s, 20 s, 40 s, 1 min 20 s, 1 min 40 s, … (at most 1 min 40 s)${NOT_RETRIED}`,
  ]],
  ["retries with one delay", { retry: { max: 3, baseSeconds: 60, capSeconds: 30 } }, [
    `max_retries: ${RETRIED}up to 3 times after about 30 s each${NOT_RETRIED}`,
  ]],
  ["retries without delay", { retry: { ...retry, max: 2, baseSeconds: 0 } }, [
    `max_retries: ${RETRIED}up to 2 times at once${NOT_RETRIED}`,
  ]],
  ["retries whose number is the service's", { retry: { ...retry, baseSeconds: 1 } }, [
    `max_retries: ${RETRIED}up to MAX_RETRY_ATTEMPTS times after about 1 s, 2 s, 4 s, … (at most 1 h)${NOT_RETRIED}`,
  ]],
  ["no retries", { retry: { ...retry, max: 0 } }, [
    "max_retries: It is never retried, however it ends (max_retries 0).",
  ]],
];
for (const [name, change, sentences] of cases) {
  Deno.test(`policySentences() tells the effect of ${name}`, () => assert.deepEqual(told(change), sentences));
}

const runAll = { ...misfire, kind: "run_all" } as const;
const surprises: readonly (readonly [name: string, change: Partial<Policies>, schedule: string, warning: string])[] = [
  [
    "missed times that overlap skip leaves out",
    { misfire: runAll },
    "every 5m",
    "overlap!: Of several missed times only the first runs, though misfire is run_all: the others overlap with it; " +
    "overlap queue_all has up to 101 run in turn.",
  ],
  [
    "missed times beyond the one that waits",
    { misfire: runAll, overlap: "queue_one" },
    "every 5m",
    "overlap!: Of several missed times only the first 2 run, though misfire is run_all: the others overlap with them; " +
    "overlap queue_all has up to 101 run in turn.",
  ],
  [
    "missed times beyond the queue",
    { misfire: { ...runAll, limit: 500 }, overlap: "queue_all" },
    "every 5m",
    "overlap!: Of several missed times only the first 101 run, though misfire is run_all: the others overlap with them.",
  ],
  [
    "missed times that cancel each other",
    { misfire: runAll, overlap: "cancel_running" },
    "every 5m",
    "overlap!: Of several missed times only the latest runs, though misfire is run_all: each is cancelled for the next.",
  ],
  [
    "a window within the grace",
    { misfire: { ...misfire, catchupSeconds: 30 } },
    "every 5m",
    "catchup_window!: Nothing is ever made up for within 30 s (catchup_window): a time is not missed before 1 min have " +
    "passed (misfire_grace).",
  ],
  [
    "a window where nothing is made up for",
    { misfire: { ...misfire, kind: "skip", catchupSeconds: 300 } },
    "every 5m",
    "catchup_window!: The window of 5 min has no effect: misfire skip makes up for nothing.",
  ],
  [
    "a spread longer than the pause between two times",
    { spreadSeconds: 600 },
    "cron 0,5 9 * * mon",
    "spread!: Two of its times can be only 5 min apart, less than the spread: then it starts earlier, so that it always " +
    "starts before the next.",
  ],
];
for (const [name, change, schedule, warning] of surprises) {
  Deno.test(`policySentences() warns of ${name}`, () => {
    assert.deepEqual(told(change, schedule).filter((line) => line.includes("!:")), [warning]);
  });
}

const calm: readonly (readonly [name: string, change: Partial<Policies>, schedule: string])[] = [
  ["one missed time at most", { misfire: { ...runAll, limit: 1 } }, "every 5m"],
  ["missed times that all find room", { misfire: runAll, overlap: "queue_all" }, "every 5m"],
  ["a spread as long as the shortest pause", { spreadSeconds: 300 }, "every 5m"],
  ["a spread of a time that comes once", { spreadSeconds: 600 }, "once at 2026-12-01 09:00"],
];
for (const [name, change, schedule] of calm) {
  Deno.test(`policySentences() does not warn of ${name}`, () => {
    assert.deepEqual(told(change, schedule).filter((line) => line.includes("!:")), []);
  });
}

Deno.test("policySentences() tells defaults, too, when asked to", () => {
  const sentences = policySentences(DEFAULT_POLICIES, { timezone: "UTC", defaults: true });
  assert.deepEqual(sentences.map(({ field }) => field), [
    "starts_at",
    "misfire",
    "overlap",
    "spread",
    "priority",
    "tags",
    "concurrency_key",
    "timeout",
    "max_retries",
  ]);
  assert.ok(sentences.some(({ sentence }) => sentence === `${DUE}it does not run (overlap skip).`));
});
