/**
 * Rows of `service_registration`, as in `rows.ts`.
 *
 * @module
 */
import { z } from "zod";
import { type Service, SERVICE_KINDS } from "../domain/mod.ts";
import { instant, type Row } from "./rows.ts";

const serviceRow = z.object({
  service_id: z.string(),
  kind: z.enum(SERVICE_KINDS),
  hostname: z.string(),
  process_id: z.number(),
  version: z.string(),
  started_at: instant,
  last_pass_at: instant,
});

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
  };
}
