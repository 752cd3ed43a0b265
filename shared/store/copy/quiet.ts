import { SERVICE_SILENT_MS } from "../../domain/mod.ts";
import { type Side, unfit } from "./side.ts";

/** Who writes to a database says so in these tables. The freshness of a worker is the default length of a lease. */
const PRESENCES = [
  { table: "worker_registration", id: "worker_id", at: "last_heartbeat", freshMs: 180_000, word: "heartbeat" },
  {
    table: "service_registration",
    id: "service_id",
    at: "last_pass_at",
    freshMs: SERVICE_SILENT_MS,
    word: "last pass",
  },
] as const;

/** @throws {Invalid} naming the services that run on the source: what they write during a copy would be missing in it. */
export async function assertQuiet(source: Side): Promise<void> {
  const running: string[] = [];
  // One after the other: a source is one connection.
  for (const presence of PRESENCES) running.push(...await runningOf(source, presence));
  if (running.length === 0) return;
  throw unfit(
    "from",
    source.where,
    `services are running on it: ${running.join(", ")}; stop them first, or copy with --force`,
  );
}

async function runningOf(source: Side, presence: typeof PRESENCES[number]): Promise<readonly string[]> {
  const table = (await source.tables()).find(({ name }) => name === presence.table);
  if (table === undefined) return [];
  const now = await source.now();
  const column = (name: string) => table.columns.findIndex((column) => column.name === name);
  const [id, status, at] = [column(presence.id), column("status"), column(presence.at)];
  const running: string[] = [];
  for await (const rows of source.read(table)) {
    for (const row of rows) {
      const silentMs = now - Number(row[at]);
      if (row[status] === "OFFLINE" || silentMs >= presence.freshMs) continue;
      running.push(`${row[id]} (${presence.word} ${Math.max(0, Math.round(silentMs / 1000))} s ago)`);
    }
  }
  return running;
}
