import type { Service, Worker } from "@jobtrigger/shared/domain";
import type { SystemStatus } from "@jobtrigger/shared/policy";
import { capped } from "./health_strip.ts";

/** What the number of the sign is made of, in words; the parts add up to it. */
export function attentionParts(
  { services: { scheduler }, workers, totals, stuck, troubles }: SystemStatus,
  lost: { readonly schedulers: readonly Service[]; readonly workers: readonly Worker[] },
): readonly string[] {
  const counted = (count: number, one: string, many: string) =>
    count === 0 ? [] : [`${capped(count)} ${count === 1 ? one : many}`];
  return [
    ...scheduler.up === 0 && lost.schedulers.length === 0
      ? ["no scheduler"]
      : counted(lost.schedulers.length, "silent scheduler", "silent schedulers"),
    ...workers.online === 0 && lost.workers.length === 0
      ? ["no worker"]
      : counted(lost.workers.length, "lost worker", "lost workers"),
    ...troubles.some(({ code }) => code === "notifier_silent") ? ["no notifier"] : [],
    ...counted(totals.failing, "failing", "failing"),
    ...counted(totals.late, "late", "late"),
    ...counted(stuck.runs, "waiting without a worker", "waiting without a worker"),
  ];
}
