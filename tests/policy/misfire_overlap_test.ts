/**
 * Every misfire policy with every overlap policy. The job is due each hour. No scheduler ran from 05:00 to 10:00:30, so 05:00 to
 * 09:00 are missed and 10:00 is on time. `unfinished` counts the runs of the job that had not ended then.
 *
 * The last three columns are the hours that run, that the ledger gets as missed, and that it gets as overlap.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { MisfirePolicy, OverlapPolicy } from "@jobtrigger/shared/domain";
import { decideDue } from "@jobtrigger/shared/policy";
import { instant, inWords, jobOf } from "./_due.ts";

type Row = readonly [
  misfire: MisfirePolicy["kind"],
  overlap: OverlapPolicy,
  unfinished: number,
  run: string,
  missed: string,
  overlapped: string,
];

const rows: readonly Row[] = [
  ["skip", "skip", 0, "10", "5-9", ""],
  ["skip", "skip", 1, "", "5-9", "10"],
  ["skip", "queue_one", 0, "10", "5-9", ""],
  ["skip", "queue_one", 1, "10", "5-9", ""],
  ["skip", "queue_one", 2, "", "5-9", "10"],
  ["skip", "queue_all", 2, "10", "5-9", ""],
  ["skip", "queue_all", 101, "", "5-9", "10"],
  ["skip", "cancel_running", 1, "10", "5-9", ""],
  ["skip", "allow", 1, "10", "5-9", ""],
  ["run_latest", "skip", 0, "10", "5-9", ""],
  ["run_latest", "skip", 1, "", "5-9", "10"],
  ["run_latest", "queue_one", 0, "10", "5-9", ""],
  ["run_latest", "queue_one", 1, "10", "5-9", ""],
  ["run_latest", "queue_one", 2, "", "5-9", "10"],
  ["run_latest", "queue_all", 1, "10", "5-9", ""],
  ["run_latest", "queue_all", 100, "10", "5-9", ""],
  ["run_latest", "queue_all", 101, "", "5-9", "10"],
  ["run_latest", "cancel_running", 0, "10", "5-9", ""],
  ["run_latest", "cancel_running", 1, "10", "5-9", ""],
  ["run_latest", "allow", 1, "10", "5-9", ""],
  ["run_all", "skip", 0, "10", "5-9", ""],
  ["run_all", "skip", 1, "", "", "5-10"],
  ["run_all", "queue_one", 0, "5 10", "", "6-9"],
  ["run_all", "queue_one", 1, "10", "", "5-9"],
  ["run_all", "queue_one", 2, "", "", "5-10"],
  ["run_all", "queue_all", 0, "5 6 7 8 9 10", "", ""],
  ["run_all", "queue_all", 98, "5 6 10", "", "7-9"],
  ["run_all", "cancel_running", 0, "10", "5-9", ""],
  ["run_all", "cancel_running", 1, "10", "", "5-9"],
  ["run_all", "allow", 3, "5 6 7 8 9 10", "", ""],
];

/** The same job when 10:00 is late as well, since a scheduler came at 10:30: 05:00 to 10:00 are missed, none is on time. */
const allLate: readonly Row[] = [
  ["skip", "allow", 0, "", "5-10", ""],
  ["run_latest", "skip", 0, "10", "5-9", ""],
  ["run_latest", "skip", 1, "", "5-9", "10"],
  ["run_latest", "queue_one", 1, "10", "5-9", ""],
  ["run_latest", "allow", 1, "10", "5-9", ""],
  ["run_all", "skip", 0, "5", "", "6-10"],
  ["run_all", "skip", 1, "", "", "5-10"],
  ["run_all", "queue_one", 0, "5 6", "", "7-10"],
  ["run_all", "queue_all", 0, "5 6 7 8 9 10", "", ""],
  ["run_all", "queue_all", 98, "5 6 7", "", "8-10"],
  ["run_all", "cancel_running", 0, "10", "5-9", ""],
  ["run_all", "allow", 0, "5 6 7 8 9 10", "", ""],
];

const hour = (text: string): string => `2026-11-24T${text.padStart(2, "0")}:00:00Z`;

function stretch(reason: string, hours: string): readonly string[] {
  if (hours === "") return [];
  const [first = "", last = first] = hours.split("-");
  return [`${reason} ${hour(first)}…${hour(last)} ×${Number(last) - Number(first) + 1}`];
}

const passes = [
  ...rows.map((row) => ({ row, at: "10:00:30", onTime: "10" })),
  ...allLate.map((row) => ({ row, at: "10:30:00", onTime: null })),
];
for (const { row: [kind, overlap, unfinished, run, missed, overlapped], at, onTime } of passes) {
  Deno.test(`${kind} × ${overlap} at ${at} with ${unfinished} unfinished: runs ${run || "nothing"}`, () => {
    const { misfire } = jobOf("manual").policies;
    const job = jobOf("hourly at :00", { policies: { misfire: { ...misfire, kind }, overlap } });
    const now = instant(`2026-11-24T${at}Z`);
    const verdict = decideDue({ job, dueAt: instant(hour("5")), unfinished, now });
    const words = inWords(verdict);
    const hours = run === "" ? [] : run.split(" ");
    assert.deepEqual(
      words.dispatch,
      hours.map((text, index) =>
        [
          hour(text),
          text === onTime ? "on_time" : kind,
          ...(unfinished + index > 0 && overlap !== "skip" ? [overlap] : []),
        ]
          .join(" ")
      ),
    );
    assert.deepEqual(words.ledger, [...stretch("missed", missed), ...stretch("overlap", overlapped)]);
    assert.equal(words.nextRun, hour("11"));
    assert.equal(verdict.cancelsEarlier, overlap === "cancel_running" && unfinished > 0);
  });
}

type Bound = readonly [
  name: string,
  misfire: Partial<MisfirePolicy>,
  validity: { readonly startsAt?: string; readonly endsAt?: string },
  run: string,
  ledger: readonly string[],
  nextRun: string | null,
];

const bounds: readonly Bound[] = [
  [
    "makes up for the latest occurrences when they are more than the limit",
    { kind: "run_all", limit: 2 },
    {},
    "8 9 10",
    [
      ...stretch("missed", "5-7"),
    ],
    hour("11"),
  ],
  ["drops occurrences older than the catch-up window", { kind: "run_all", catchupSeconds: 2 * 3600 }, {}, "9 10", [
    ...stretch("missed", "5-8"),
  ], hour("11")],
  [
    "counts a missed time at the very end of the window as within",
    { kind: "run_all", catchupSeconds: 7230 },
    {},
    "8 9 10",
    [
      ...stretch("missed", "5-7"),
    ],
    hour("11"),
  ],
  ["drops even the latest when it is older than the window", { kind: "run_latest", catchupSeconds: 60 }, {}, "10", [
    ...stretch("missed", "5-9"),
  ], hour("11")],
  ["takes a wider grace as on time", { kind: "skip", graceSeconds: 2 * 3600 + 30 }, {}, "8 9 10", [
    ...stretch("missed", "5-7"),
  ], hour("11")],
  [
    "runs the last occurrence within the validity",
    { kind: "skip" },
    { endsAt: hour("10") },
    "10",
    [
      ...stretch("missed", "5-9"),
    ].map((text) => text.replace("missed", "expired")),
    null,
  ],
  ["makes up for nothing once the validity is over", { kind: "run_all" }, { endsAt: hour("8") }, "", [
    ...stretch("expired", "5-8"),
  ], null],
];

for (const [name, misfire, { startsAt, endsAt }, run, ledger, nextRun] of bounds) {
  Deno.test(`decideDue() ${name}`, () => {
    const job = jobOf("hourly at :00", {
      policies: {
        misfire: { ...jobOf("manual").policies.misfire, ...misfire },
        overlap: "allow",
        startsAt: startsAt === undefined ? null : instant(startsAt),
        endsAt: endsAt === undefined ? null : instant(endsAt),
      },
    });
    const now = instant("2026-11-24T10:00:30Z");
    const verdict = decideDue({ job, dueAt: instant(hour("5")), unfinished: 0, now });
    const words = inWords(verdict);
    assert.deepEqual(words.dispatch.map((text) => text.split(" ")[0]), run === "" ? [] : run.split(" ").map(hour));
    assert.deepEqual([words.ledger, words.nextRun], [ledger, nextRun]);
  });
}
