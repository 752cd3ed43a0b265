import { configureSync, getLogger, type LogRecord } from "@logtape/logtape";
import type { Logger } from "../../shared/log/mod.ts";

let listener: (name: string, record: LogRecord) => void = () => {};

/** Sends all that services of this process log to `listen`, from now on. */
export function listenToLogs(listen: (name: string, record: LogRecord) => void): void {
  listener = listen;
  configureSync({
    reset: true,
    sinks: { simulation: (record) => listener(record.category[1] ?? "", record) },
    loggers: [
      { category: ["simulation"], lowestLevel: "info", sinks: ["simulation"] },
      { category: ["logtape", "meta"], lowestLevel: "fatal", sinks: [] },
    ],
  });
}

/** The log of one service. */
export function logOf(name: string): Logger {
  return getLogger(["simulation", name]);
}
