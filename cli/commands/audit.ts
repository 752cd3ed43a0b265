import type { Command } from "commander";
import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  type AuditAction,
  type AuditEvent,
  type AuditFacts,
  type AuditOutcome,
} from "@jobtrigger/shared/domain";
import { auditFaultText, auditForm, auditVerdictForm, narrowedBy, readAuditFilter } from "@jobtrigger/shared/api";
import type { Io } from "../io.ts";
import { instantText, type ListFlags, type OutputFlags, print, printListing } from "../output/mod.ts";
import { withSession } from "../session.ts";
import { choiceOption } from "./choice_option.ts";
import { filterArgument, listFlags, timeContext, type TimeFlags, timeFlags, timesOf } from "./list_flags.ts";

interface AuditListFlags extends ListFlags, TimeFlags {
  readonly actor?: string;
  readonly action?: AuditAction;
  readonly outcome?: AuditOutcome;
}

/** Adds `audit …`. `exitWith` takes the exit code of a list that is not intact. */
export function addAuditCommands(program: Command, io: Io, exitWith: (code: number) => void): void {
  const audit = program.command("audit").description("see who changed what, and check that nobody changed that list");

  const list = filterArgument(
    audit.command("list", { isDefault: true }).description("list events, newest first"),
    "actor:alice action:jobs.edit since:24h",
  )
    .option("--actor <name>", "of this actor, by its exact name")
    .addOption(choiceOption("--action <action>", "of this action, such as jobs.edit", "--action", AUDIT_ACTIONS))
    .addOption(choiceOption("--outcome <outcome>", "done, denied or failed", "--outcome", AUDIT_OUTCOMES));
  listFlags(timeFlags(list), 50).action((words: readonly string[], flags: AuditListFlags) =>
    withSession(io, async (session) => {
      const { client, config } = session;
      const context = await timeContext(session);
      const { actor, action, outcome } = flags;
      const query = narrowedBy(readAuditFilter(words.join(" "), context), {
        ...(actor !== undefined && { actor }),
        ...(action !== undefined && { action }),
        ...(outcome !== undefined && { outcome }),
        ...timesOf(flags, context),
      });
      await printListing(io, flags, client.changes, {
        read: (page) => client.listAudit({ ...query, ...page }),
        columns: [
          ["ID", ({ id }) => String(id)],
          ["WHEN", ({ at }) => instantText(io, at, config.displayTimezone)],
          ["WHO", ({ actor }) => actor?.name ?? "-", { shrinks: true }],
          ["FROM", ({ origin }) => origin.address ?? "-"],
          ["ACTION", ({ action }) => action],
          ["OUTCOME", ({ outcome }) => outcome, { tone: ({ outcome }) => outcome === "done" ? "calm" : "bad" }],
          ["SUBJECT", subjectText, { shrinks: true }],
          ["CHANGE", changeText, { shrinks: true }],
          ["REQUEST", ({ origin }) => origin.requestId ?? "-", { isWide: true }],
        ],
        form: auditForm,
        name: ({ id }) => String(id),
      });
    })
  );

  audit.command("verify").description(
    "check that no event was changed, removed or inserted; else name the first that was",
  )
    .action((flags: OutputFlags) =>
      withSession(io, async ({ client }) => {
        const verdict = await client.verifyAudit();
        if (!verdict.isIntact) exitWith(1);
        await print(io, flags, {
          form: () => auditVerdictForm(verdict),
          text: async () => {
            if (!verdict.isIntact) return await io.err(`jobctl: ${auditFaultText(verdict.id, verdict.fault)}\n`);
            const end = verdict.last === null ? "" : `; event ${verdict.last.id} has the hash ${verdict.last.hash}`;
            await io.out(`The audit list is intact: ${verdict.events} events${end}\n`);
          },
        });
      })
    );
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
