import { epochMs, type Job } from "../../shared/domain/mod.ts";
import { createChannel, createRule } from "../../shared/operations/mod.ts";
import { operating } from "../support/operating.ts";
import type { TestPortal } from "./_portal.ts";

/** Makes channels, rules, incidents in each state, and deliveries, about two jobs. */
export async function seedAlerts({ store }: TestPortal, [first, second]: readonly [Job, Job]): Promise<void> {
  const now = await store.now();
  const context = operating(store, now);
  await createChannel(context, { name: "ops", kind: "slack", url: "https://hooks.slack.com/services/T0/B0/secret" });
  await createChannel(context, { name: "backup check", kind: "ping", url: "https://hc-ping.com/uuid" });
  const email = { url: "smtp://jobs:secret@mail.example.com", from: "jobs@example.com", to: ["ops@example.com"] };
  await createChannel(context, { name: "mail", kind: "email", ...email });
  const { rule } = await createRule(context, {
    name: "Runs for too long",
    condition: "runs_over",
    limit: 3600,
    channels: ["ops", "mail"],
    remindSeconds: 14_400,
    quiet: { from: "22:00", until: "07:00", timezone: "Europe/Berlin" },
  });
  await createRule(context, {
    name: "Backup runs",
    condition: "every_run",
    jobId: first.id,
    channels: ["backup check"],
  });
  const { rule: silent } = await createRule(context, {
    name: "No scheduler",
    condition: "scheduler_silent",
    channels: ["ops"],
  });
  const found = (job: Job | null, minutes: number, message: string) => ({
    jobId: job?.id ?? null,
    jobName: job?.name ?? null,
    isBroken: true,
    message,
    at: epochMs(now - minutes * 60_000),
    isEvent: false,
  });
  const { alerts } = store;
  const of = [found(first, 80, "A run has taken 1 hour 20 minutes."), found(second, 200, "A run has taken 3 hours.")];
  await alerts.settle([
    { rule, findings: of, isWhole: true },
    { rule: silent, findings: [found(null, 5, "No scheduler gives a sign of life, so no job starts.")], isWhole: true },
  ], now);
  const [system, later] = (await alerts.incidents({ state: "open", limit: 9 })).items;
  if (later !== undefined) await alerts.acknowledge(later.id, { ...context, now });
  if (system !== undefined) await alerts.snooze(system.id, epochMs(now + 3_600_000), { ...context, now });
  const [sent] = await alerts.claimDeliveries({ now, limit: 1, claimMs: 60_000 });
  if (sent !== undefined) {
    const { id, attempts } = sent.delivery;
    const failed = { isDelivered: false, error: "It answered 404: Cannot POST /…", retryAt: null } as const;
    await alerts.finishDelivery({ id, attempts }, failed, now);
  }
}
