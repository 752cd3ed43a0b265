/** Logs typical messages; `LOG_FORMAT` and `LOG_LEVEL` decide which are printed. */
import { startLog } from "../../shared/log/mod.ts";
import { wholeConfig } from "../../shared/config/mod.ts";

const log = await startLog("worker", wholeConfig((name) => Deno.env.get(name)));
log.debug("A detail");
log.info("Run {run} of job {job} starts: {script}", { run: 7, job: 1, script: "a\nb\u001b[31m.sh" });
log.info("Run {run} ended", { run: 8, correlationId: "0b4f" });
log.warn("Something {what}", { what: { deep: ["er"] } });
log.warn("Turned {name}", { name: "a\u202eb\u2028c" });
log.error("It failed: {error}", { error: new TypeError("no such thing") });
Deno.exit(3);
