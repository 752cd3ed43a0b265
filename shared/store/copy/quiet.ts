import { type Side, unfit } from "./side.ts";

/** A worker that spoke this lately is taken to run. Twice the heartbeat's default would do; this is a lease's default. */
const FRESH_MS = 180_000;

/** @throws {Invalid} naming the workers that run on the source: what they write during a copy would be missing in it. */
export async function assertQuiet(source: Side): Promise<void> {
  const table = (await source.tables()).find(({ name }) => name === "worker_registration");
  if (table === undefined) return;
  const now = await source.now();
  const at = (name: string) => table.columns.findIndex((column) => column.name === name);
  const [id, status, heartbeat] = [at("worker_id"), at("status"), at("last_heartbeat")];
  const running: string[] = [];
  for await (const rows of source.read(table)) {
    for (const row of rows) {
      const silentMs = now - Number(row[heartbeat]);
      if (row[status] !== "OFFLINE" && silentMs < FRESH_MS) {
        running.push(`${row[id]} (heartbeat ${Math.max(0, Math.round(silentMs / 1000))} s ago)`);
      }
    }
  }
  if (running.length === 0) return;
  throw unfit(
    "from",
    source.where,
    `services are running on it: ${running.join(", ")}; stop them first, or copy with --force`,
  );
}
