import type { Command } from "commander";
import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  type AuditAction,
  type AuditEvent,
  type AuditFacts,
  type AuditFault,
  type AuditOutcome,
  type EpochMs,
  epochMs,
  Invalid,
} from "@jobtrigger/shared/domain";
import { auditForm, readBound, type TimeContext } from "@jobtrigger/shared/api";
import { choiceFlag, type CommonFlags, countFlag } from "../flags.ts";
import type { Io } from "../io.ts";
import { instantText, printJson, printTable } from "../output.ts";
import { withSession } from "../session.ts";

interface ListFlags extends CommonFlags {
  readonly since?: string;
  readonly until?: string;
  readonly actor?: string;
  readonly action?: AuditAction;
  readonly outcome?: AuditOutcome;
  readonly limit: number;
  readonly cursor?: string;
}

/** Adds `audit …`. `exitWith` takes the exit code of a list that is not intact. */
export function addAuditCommands(program: Command, io: Io, exitWith: (code: number) => void): void {
  const audit = program.command("audit").description("see who changed what, and check that nobody changed that list");

  audit.command("list", { isDefault: true }).description("list events, newest first")
    .option("--since <time>", '2026-11-01, "2026-11-01 09:00", 09:00 (the last), or ISO 8601; in DISPLAY_TIMEZONE')
    .option("--until <time>", "likewise; a day or a minute counts whole")
    .option("--actor <name>", "of this actor, by its exact name")
    .option("--action <action>", "of this action, such as jobs.edit", choiceFlag("--action", AUDIT_ACTIONS))
    .option("--outcome <outcome>", AUDIT_OUTCOMES.join(", "), choiceFlag("--outcome", AUDIT_OUTCOMES))
    .option("--limit <n>", "at most this many, up to 200", countFlag("--limit", 200), 50)
    .option("--cursor <text>", "continue where a list ended")
    .action(({ since, until, json, ...filters }: ListFlags) =>
      withSession(io, async ({ client, config }) => {
        const zone = config.displayTimezone;
        const context = { now: await client.now(), zone };
        const { items, next } = await client.listAudit({
          ...filters,
          ...(since !== undefined && { since: boundFlag("--since", since, context).from }),
          ...(until !== undefined && { until: epochMs(boundFlag("--until", until, context).until + 1) }),
        });
        if (json) return await printJson(io, items.map(auditForm));
        await printTable(io, items, [
          ["ID", ({ id }) => String(id)],
          ["WHEN", ({ at }) => instantText(io, at, zone)],
          ["WHO", ({ actor }) => actor?.name ?? "-"],
          ["FROM", ({ origin }) => origin.address ?? "-"],
          ["ACTION", ({ action }) => action],
          ["OUTCOME", ({ outcome }) => outcome],
          ["SUBJECT", subjectText],
          ["CHANGE", changeText],
        ]);
        if (next !== null) await io.err(`More: --cursor ${next}\n`);
      })
    );

  audit.command("verify").description(
    "check that no event was changed, removed or inserted; else name the first that was",
  )
    .action(({ json }: CommonFlags) =>
      withSession(io, async ({ client }) => {
        const verdict = await client.verifyAudit();
        if (!verdict.isIntact) exitWith(1);
        if (json) {
          const { isIntact, ...rest } = verdict;
          return await printJson(io, { is_intact: isIntact, ...rest });
        }
        if (!verdict.isIntact) return await io.err(`jobctl: ${faultText(verdict.id, verdict.fault)}\n`);
        const end = verdict.last === null ? "" : `; event ${verdict.last.id} has the hash ${verdict.last.hash}`;
        await io.out(`The audit list is intact: ${verdict.events} events${end}\n`);
      })
    );
}

/** @throws {Invalid} that names the flag. */
function boundFlag(
  name: string,
  text: string,
  context: TimeContext,
): { readonly from: EpochMs; readonly until: EpochMs } {
  try {
    return readBound(text.trim(), context);
  } catch (error) {
    if (error instanceof RangeError) throw new Invalid([{ field: name, message: error.message }]);
    throw error;
  }
}

function subjectText({ subject: { kind, id, name } }: AuditEvent): string {
  return [kind, ...(id === null ? [] : [id]), ...(name === null ? [] : [JSON.stringify(name)])].join(" ");
}

function changeText({ reason, before, after }: AuditEvent): string {
  if (reason !== null) return reason;
  const names = Object.keys({ ...before, ...after });
  return names.map((name) => `${name}: ${factText(before, name)} → ${factText(after, name)}`).join("; ");
}

function factText(facts: AuditFacts | null, name: string): string {
  const value = facts?.[name];
  if (value === undefined || value === null) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function faultText(id: number, fault: AuditFault): string {
  const texts: Readonly<Record<AuditFault, string>> = {
    changed: `Event ${id} was changed after it was written`,
    missing: `Event ${id} is missing: it was removed`,
    inserted: `Event ${id} was inserted`,
    unlinked: `Event ${id} does not follow from event ${id - 1}: one of the two was replaced`,
  };
  return `The audit list is not intact. ${texts[fault]}`;
}
