import type { Command } from "commander";

/** Examples of each command, by the words that lead to it. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "jobs create": [
    'jobctl jobs create --name Backup --key backup --script backup.sh --schedule "daily at 02:30"',
    "jobctl jobs create --name Ping --script ping.sh --arg db1 --schedule 'every 5m' --max-retries 0 -o name",
  ],
  "jobs list": [
    "jobctl jobs list label:nightly,weekly state:paused",
    "jobctl jobs list --all -o name | xargs -n 1 jobctl jobs resume",
    "jobctl jobs list --watch",
  ],
  "jobs show": ["jobctl jobs show backup", "jobctl jobs show backup -o yaml"],
  "jobs edit": [
    'jobctl jobs edit backup --schedule "daily at 03:00" --label nightly',
    "jobctl jobs edit backup --no-args --timeout 2h",
  ],
  "jobs clone": ["jobctl jobs clone backup --name 'Backup EU' --key backup-eu --arg eu"],
  "jobs pause": [
    "jobctl jobs pause backup --note 'moving the disks' --cancel-waiting",
    "jobctl jobs pause --label nightly",
  ],
  "jobs resume": ["jobctl jobs resume backup", "jobctl jobs resume label:nightly state:paused"],
  "jobs delete": ["jobctl jobs delete backup", "jobctl jobs delete backup --yes"],
  "jobs run": [
    "jobctl jobs run backup --wait",
    "jobctl jobs run backup --arg full --key release-42 -o name",
  ],
  "jobs history": ["jobctl jobs history backup --limit 10"],
  "jobs undo": ["jobctl jobs undo backup", "jobctl jobs undo backup --revision 4"],
  "jobs bulk": [
    "jobctl jobs bulk pause label:nightly --note 'moving the disks'",
    "jobctl jobs bulk label state:failing --add look-at --key morning",
  ],
  "jobs views list": ["jobctl jobs views list"],
  "jobs views save": ["jobctl jobs views save Nights label:nightly state:failing"],
  "jobs views delete": ["jobctl jobs views delete Nights"],
  "jobs rollback": ["jobctl jobs rollback backup --to 3"],
  "jobs why": ["jobctl jobs why backup", "jobctl jobs why backup --at 02:00"],
  "jobs backfill": [
    "jobctl jobs backfill backup --from 2026-11-01 --to 2026-11-07 --dry-run",
    "jobctl jobs backfill backup --from 2026-11-01 --to 2026-11-07 --at-once 2 --key november",
  ],
  "runs list": [
    "jobctl runs list status:failed job:backup* since:24h",
    "jobctl runs list --worker 'web1*' --since 2026-11-01 --all -o json",
    "jobctl runs list status:running,waiting --watch",
  ],
  "runs show": ["jobctl runs show 7 -o json"],
  "runs logs": ["jobctl runs logs 7 --follow", "jobctl runs logs 7 --tail 100 --stream stderr --plain"],
  "runs cancel": ["jobctl runs cancel 7"],
  "queue": ["jobctl queue", "jobctl queue --later --limit 10", "jobctl queue --watch"],
  "workers drain": ["jobctl workers drain web1-4211"],
  "workers resume": ["jobctl workers resume web1-4211"],
  "workers list": ["jobctl workers list -o wide", "jobctl workers list --watch"],
  "schedule next": [
    'jobctl schedule next --schedule "every monday at 9" --timezone Europe/Berlin --count 3',
  ],
  "schedule preview": ['jobctl schedule preview --schedule "weekly on mon at 09:00" --timezone Asia/Hong_Kong'],
  "schedule explain": ['jobctl schedule explain --schedule "cron 0 9 * * mon-fri"'],
  "import crontab": [
    "jobctl import crontab my.crontab --scripts /srv/scripts --dry-run",
    "jobctl import crontab /etc/crontab --system --scripts /srv/scripts --paused",
  ],
  "import systemd-timers": [
    "jobctl import systemd-timers /etc/systemd/system --scripts /srv/scripts --dry-run",
    "jobctl import systemd-timers backup.timer --scripts /srv/scripts --paused",
  ],
  "import reflex": [
    "jobctl import reflex --from sqlite:///reflex.db --dry-run",
    "jobctl import reflex --from postgresql://reader@db.example/reflex",
  ],
  "users sessions": ["jobctl users sessions alice"],
  "users sign-out": ["jobctl users sign-out alice", "jobctl users sign-out alice --session 7"],
  "users add": ["jobctl users add alice --role admin", "jobctl users add deploy --service --grant web=operator"],
  "users list": ["jobctl users list"],
  "users disable": ["jobctl users disable bob"],
  "users enable": ["jobctl users enable bob"],
  "users link": ["jobctl users link bob --issuer https://id.example.com --subject 8f2c1a"],
  "users passwd": ["jobctl users passwd alice"],
  "users role": ["jobctl users role bob editor", "jobctl users role bob none --grant finance=operator"],
  "users unlink": ["jobctl users unlink bob"],
  "webhooks list": ["jobctl webhooks list backup"],
  "webhooks add": ['jobctl webhooks add backup ci --arg "=--quiet" --arg "/ref string"'],
  "webhooks edit": ["jobctl webhooks edit backup 1 --per-minute 60"],
  "webhooks disable": ["jobctl webhooks disable backup 1"],
  "webhooks enable": ["jobctl webhooks enable backup 1"],
  "webhooks rotate": ["jobctl webhooks rotate backup 1"],
  "webhooks delete": ["jobctl webhooks delete backup 1"],
  "alerts list": ["jobctl alerts list", "jobctl alerts list --closed -o json"],
  "alerts ack": ["jobctl alerts ack 1"],
  "alerts snooze": ["jobctl alerts snooze 1 2h"],
  "alert-rules list": ["jobctl alert-rules list", "jobctl alert-rules list --job nightly-backup"],
  "alert-rules add": [
    'jobctl alert-rules add "Nightly fails" failures 2 --label nightly --channel ops --remind 4h',
    'jobctl alert-rules add "No scheduler" scheduler_silent 1m --channel ops --quiet 22:00-07:00@Europe/Berlin',
  ],
  "alert-rules edit": [
    "jobctl alert-rules edit 1 --limit 3 --channel ops --channel mail",
    "jobctl alert-rules edit 1 --no-remind --no-quiet",
  ],
  "alert-rules test": ["jobctl alert-rules test 1"],
  "alert-rules disable": ["jobctl alert-rules disable 1"],
  "alert-rules enable": ["jobctl alert-rules enable 1"],
  "alert-rules delete": ["jobctl alert-rules delete 1"],
  "alert-channels list": ["jobctl alert-channels list"],
  "alert-channels add": [
    "jobctl alert-channels add ops slack < address.txt",
    "jobctl alert-channels add mail email --from jobs@example.com --to ops@example.com < address.txt",
  ],
  "alert-channels test": ["jobctl alert-channels test ops"],
  "alert-channels deliveries": ["jobctl alert-channels deliveries"],
  "alert-channels disable": ["jobctl alert-channels disable ops"],
  "alert-channels enable": ["jobctl alert-channels enable ops"],
  "alert-channels delete": ["jobctl alert-channels delete ops"],
  "audit list": [
    "jobctl audit list actor:alice action:jobs.edit since:24h",
    "jobctl audit list --outcome denied --since 2026-11-01 --all -o json",
  ],
  "audit verify": ["jobctl audit verify"],
  "database copy": ["jobctl database copy --from sqlite:///jobs.db --to postgresql://jobtrigger@db.example/jobs"],
  "database migrate": ["jobctl database migrate"],
  "database backup": ["jobctl database backup --to /backups/jobs.db"],
  "database restore": [
    "jobctl database restore --from /backups/jobs.db",
    "jobctl database restore --from /backups/jobs.db --replace",
  ],
  "database check": ["jobctl database check"],
  "timeline": [
    "jobctl timeline",
    'jobctl timeline label:nightly --from "2026-11-28 01:00" --to "2026-11-28 04:00"',
  ],
  "stats": ["jobctl stats --range 7d --sort rate", "jobctl stats --by time --label nightly -o json"],
  "status": ["jobctl status", "jobctl status -o json"],
  "doctor": ["jobctl doctor", "jobctl doctor --sizes -o json"],
  "login": ["jobctl login https://jobs.example.com"],
  "logout": ["jobctl logout"],
  "whoami": ["jobctl whoami"],
  "completion": [
    "source <(jobctl completion bash)",
    "jobctl completion fish > ~/.config/fish/completions/jobctl.fish",
  ],
};

/** Adds the examples to the help of the command at `path`. */
export function addExamples(command: Command, path: string): void {
  const examples = examplesOf(path);
  if (examples.length === 0) return;
  command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}\n`).join("")}`.trimEnd());
}

/** The examples of a command, by the words that lead to it. */
export function examplesOf(path: string): readonly string[] {
  return EXAMPLES[path] ?? [];
}
