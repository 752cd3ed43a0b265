import assert from "node:assert/strict";
import { planTimer, serviceOf, spanSeconds } from "../../shared/importing/mod.ts";

const SERVICE = "[Service]\nType=oneshot\nExecStart=/bin/true\n";

/** The only plan of a timer. */
function plan(timer: string, service: string | null = SERVICE, unit = "backup") {
  const [first, more] = planTimer({ unit, timer: `[Timer]\n${timer}`, service, serviceName: `${unit}.service` });
  assert.ok(first !== undefined && more === undefined);
  return first;
}

/** The script of a service, without its head. */
function scriptOf(service: string, unit = "backup"): string {
  const planned = plan("OnCalendar=daily\n", `[Service]\n${service}`, unit);
  assert.ok("script" in planned, JSON.stringify(planned));
  return planned.script.split("\n").slice(2).join("\n");
}

Deno.test("planTimer() reads a timer and its service, drop-ins and continued lines included", () => {
  const timer =
    "# every night\n[Timer]\nOnCalendar=weekly\nOnCalendar=\nOnCalendar=Mon..Fri *-*-* \\\n  02:30 Europe/Berlin\n" +
    "RandomizedDelaySec=5min\nAccuracySec=1h\n[Timer]\nPersistent=true\n";
  const service = "[Unit]\nDescription=Nightly backup\n[Service]\nType=oneshot\nUser=backup\nTimeoutStartSec=2h\n" +
    "ExecStart=/usr/bin/backup --all\n";
  assert.deepEqual(planTimer({ unit: "backup", timer, service, serviceName: "backup.service" }), [{
    unit: "backup",
    nth: 1,
    name: "Nightly backup",
    schedule: "weekly on mon,tue,wed,thu,fri at 02:30",
    timezone: "Europe/Berlin",
    misfire: "run_latest",
    spread: 300,
    timeout: 7200,
    script: "#!/bin/sh\n# From backup.timer and backup.service.\ncd / || exit 1\nexec /usr/bin/backup --all\n",
    notes: [
      "its delay is random there; here each job keeps one delay of its own",
      "AccuracySec is not needed: it starts on time",
      "it ran as backup there; here it runs as the worker's scripts do",
    ],
  }]);
});

Deno.test("planTimer() makes a job of each time, and skips missed ones unless the timer is persistent", () => {
  const planned = planTimer({
    unit: "two",
    timer: "[Timer]\nOnCalendar=06:00\nOnCalendar=Fri *-*-13\nOnCalendar=18:00\n",
    service: SERVICE,
    serviceName: "two.service",
  });
  assert.deepEqual(planned.map((one) => "message" in one ? one.nth : [one.nth, one.schedule, one.misfire]), [
    [1, "daily at 06:00", "skip"],
    2,
    [3, "daily at 18:00", "skip"],
  ]);
  assert.ok(planned.some((one) => "message" in one && /^OnCalendar=Fri \*-\*-13: it names weekdays/.test(one.message)));
  assert.ok(planned.some((one) => "notes" in one && one.notes.some((note) => /may overlap/.test(note))));
});

Deno.test("planTimer() makes an interval of what counts from the last start, and refuses what counts from a start alone", () => {
  const every = plan("OnBootSec=15min\nOnUnitActiveSec=1d\n");
  assert.ok("schedule" in every);
  assert.deepEqual([every.schedule, every.misfire], ["every 86400s", "run_latest"]);
  assert.match(
    every.notes.join("\n"),
    /each 1d, the first time that long after the import\nOnBootSec=15min has no counterpart/,
  );
  for (
    const [timer, service, problem] of [
      ["OnBootSec=15min\n", SERVICE, /OnBootSec=15min counts from the start of the machine/],
      ["OnUnitActiveSec=0.5\n", SERVICE, /no whole number of seconds/],
      ["Persistent=true\n", SERVICE, /it has no time/],
      ["OnCalendar=daily\n", null, /backup\.service, which it starts, is not among the files/],
      ["OnCalendar=daily\n", "[Service]\n", /has no ExecStart/],
      ["OnCalendar=daily\n", "[Service]\nExecStart=/bin/echo %H\n", /says %H, which only systemd knows/],
    ] as const
  ) {
    const refused = plan(timer, service);
    assert.ok("message" in refused, timer);
    assert.match(refused.message, problem);
  }
});

Deno.test("the script of a service has its variables, its directory and its commands as systemd reads them", () => {
  assert.equal(
    scriptOf(
      `Environment="GREETING=it's me" LEVEL=2\nWorkingDirectory=/srv/data\nExecStart=-/bin/rm -f lock\n` +
        `ExecStart=/bin/echo "\${GREETING} costs $$5" $LEVEL 'a b'\n`,
    ),
    `export GREETING='it'\\''s me'\nexport LEVEL=2\ncd /srv/data || exit 1\n/bin/rm -f lock || true\n` +
      `exec /bin/echo "\${GREETING}"' costs ''$'5 $LEVEL 'a b'\n`,
  );
  assert.equal(
    scriptOf("ExecStart=@/bin/sh backup -c '%n %i 100%%'\n", "x@eu"),
    "cd / || exit 1\nexec /bin/sh -c 'x@eu.service eu 100%'\n",
  );
  assert.equal(
    scriptOf("WorkingDirectory=~\nExecStart=:/bin/echo $HOME\n"),
    `cd "$HOME" || exit 1\nexec /bin/echo '$HOME'\n`,
  );
  assert.equal(scriptOf("ExecStart=/bin/a\nExecStart=+/bin/b\n"), "cd / || exit 1\n/bin/a || exit\nexec /bin/b\n");
});

Deno.test("a service is the one that the timer names, else the one of its own name", () => {
  assert.equal(serviceOf("a", "[Timer]\nUnit=b.service\n"), "b.service");
  assert.equal(serviceOf("a", "[Timer]\nOnCalendar=daily\n"), "a.service");
});

Deno.test("spanSeconds() reads time spans of systemd", () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ["90", 90],
    ["5min 20s", 320],
    ["1h30min", 5400],
    ["2 days", 172_800],
    ["1.5h", 5400],
    ["250ms", 0.25],
    ["1w", 604_800],
    ["1M", 2_630_016],
    ["infinity", null],
    ["1 fortnight", null],
    ["", null],
  ];
  for (const [text, seconds] of cases) assert.equal(spanSeconds(text), seconds, text);
});
