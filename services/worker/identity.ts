import type { WorkerConfig } from "@jobtrigger/shared/config";
import { VERSION, workerId, type WorkerIdentity } from "@jobtrigger/shared/domain";

/** The identity of this process. The id is random, so two processes on one host, or one process and its successor, differ. */
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
