import type { WorkerConfig } from "@jobtrigger/shared/config";
import { VERSION, workerId, type WorkerIdentity } from "@jobtrigger/shared/domain";

/** Who this process is. The id is random for each process: two on one host, or one started again, are never the same. */
export function identify({ concurrency, tags }: Pick<WorkerConfig, "concurrency" | "tags">): WorkerIdentity {
  const hostname = Deno.hostname();
  return {
    workerId: workerId(`${hostname}-${crypto.randomUUID().slice(0, 8)}`),
    hostname,
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    processId: Deno.pid,
    version: VERSION,
    tags,
    concurrency,
  };
}
