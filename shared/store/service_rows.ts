/**
 * Rows of `service_registration`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { type Service, SERVICE_KINDS, type ServiceIdentity } from "../domain/mod.ts";
import { instant, type Row } from "./rows.ts";

const retention = z.object({
  historyDays: z.number(),
  runsPerJob: z.number().nullable(),
  auditDays: z.number(),
  statisticsDays: z.number(),
});

const serviceRow = z.object({
  service_id: z.string(),
  kind: z.enum(SERVICE_KINDS),
  hostname: z.string(),
  process_id: z.number(),
  version: z.string(),
  started_at: instant,
  last_pass_at: instant,
  retention: z.string().transform((text) => retention.parse(JSON.parse(text))).nullable(),
});

/** What the column `retention` holds: JSON, or nothing. */
export function retentionText({ retention }: Pick<ServiceIdentity, "retention">): string | null {
  return retention === undefined ? null : JSON.stringify(retention);
}

/** A row of `service_registration`. */
export function toService(row: Row): Service {
  const r = serviceRow.parse(row);
  return {
    serviceId: r.service_id,
    kind: r.kind,
    hostname: r.hostname,
    processId: r.process_id,
    version: r.version,
    startedAt: r.started_at,
    lastPassAt: r.last_pass_at,
    ...(r.retention === null ? {} : { retention: r.retention }),
  };
}
