import assert from "node:assert/strict";
import { parseCrontab } from "../../shared/importing/mod.ts";

const USER = `
SHELL=/bin/bash
PATH = "/usr/local/bin:/usr/bin:/bin"
MAILTO=''
# Nightly backup
30 2 * * *\t/usr/local/bin/backup --all > /dev/null 2>&1

# a remark that belongs to nothing

CRON_TZ=Europe/Berlin
*/5 9-17 * * mon-fri  LANG=C /opt/sync.sh a\\%b %first%second
  @daily   rotate
@reboot /opt/start
61 * * * * too_late
0 9 * *
`;

Deno.test("parseCrontab() reads names, variables, zones, percent signs and @ names", () => {
  const { jobs, problems } = parseCrontab(USER, { isSystem: false });
  const env = { SHELL: "/bin/bash", PATH: "/usr/local/bin:/usr/bin:/bin", MAILTO: "" };
  assert.deepEqual(jobs, [
    {
      line: 6,
      name: "Nightly backup",
      expression: "30 2 * * *",
      timezone: null,
      user: null,
      command: "/usr/local/bin/backup --all > /dev/null 2>&1",
      stdin: null,
      env,
    },
    {
      line: 11,
      name: "sync.sh",
      expression: "*/5 9-17 * * mon-fri",
      timezone: "Europe/Berlin",
      user: null,
      command: "LANG=C /opt/sync.sh a%b",
      stdin: "first\nsecond\n",
      env,
    },
    {
      line: 12,
      name: "rotate",
      expression: "@daily",
      timezone: "Europe/Berlin",
      user: null,
      command: "rotate",
      stdin: null,
      env,
    },
  ]);
  assert.deepEqual(problems.map(({ line }) => line), [13, 14, 15]);
  assert.match(problems[0]?.message ?? "", /@reboot/);
  assert.match(problems[1]?.message ?? "", /61/);
  assert.match(problems[2]?.message ?? "", /expected a time and a command/);
});

Deno.test("parseCrontab() reads the user of a line in a system crontab", () => {
  const { jobs, problems } = parseCrontab(
    "17 * * * * root cd / && run-parts /etc/cron.hourly\n@weekly www-data tidy\n",
    {
      isSystem: true,
    },
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(jobs.map(({ expression, user, command }) => [expression, user, command]), [
    ["17 * * * *", "root", "cd / && run-parts /etc/cron.hourly"],
    ["@weekly", "www-data", "tidy"],
  ]);
});
