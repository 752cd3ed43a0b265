/**
 * The services' own log: JSON lines where machines read it, text on a terminal. Everything goes to standard error, so that
 * standard output stays free for results.
 *
 * @module
 */
import { configure, getJsonLinesFormatter, getLogger, getTextFormatter, type TextFormatter } from "@logtape/logtape";
import type { Config } from "../config/mod.ts";
import { markUnseen } from "../domain/unseen.ts";

/** Where a service says what it does. `{name}` in a message stands for the property of that name. */
export interface Logger {
  /** What helps to find a defect. */
  debug(message: string, properties?: Record<string, unknown>): void;
  /** What happens in ordinary work. */
  info(message: string, properties?: Record<string, unknown>): void;
  /** What somebody should look at, without haste. */
  warn(message: string, properties?: Record<string, unknown>): void;
  /** What failed, while the service goes on. */
  error(message: string, properties?: Record<string, unknown>): void;
  /** Why the service ends. */
  fatal(message: string, properties?: Record<string, unknown>): void;
}

/** What the formats themselves use: line breaks, the indents of stacks, and the colours of a terminal. */
const LAYOUT = "\n\t\x1b";

/**
 * Sends the log of this process to standard error in the configured format, and answers the logger of `service`. Each message is
 * written before the call returns, so a crash loses none.
 */
export async function startLog(
  service: string,
  { logFormat, logLevel }: Pick<Config, "logFormat" | "logLevel">,
): Promise<Logger> {
  const isText = logFormat === "text" || (logFormat === "auto" && Deno.stderr.isTerminal());
  const format = isText
    ? withCorrelation(getTextFormatter({
      timestamp: "time",
      category: ([, name]) => name ?? "",
      value: (value, inspect) => typeof value === "string" ? onOneLine(value) : inspect(value),
    }))
    : withErrorsNamed(getJsonLinesFormatter());
  const encoder = new TextEncoder();
  await configure({
    reset: true,
    // People choose names and paths: invisible characters in them must not hide or reverse the text beside them.
    sinks: { stderr: (record) => writeAll(encoder.encode(markUnseen(format(record), LAYOUT))) },
    loggers: [
      { category: ["jtp"], lowestLevel: logLevel, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
  return getLogger(["jtp", service]);
}

/** A text without quotes around it, in which line breaks and controls are escaped: no name can end a line or steer a terminal. */
function onOneLine(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
}

/** Text shows no properties; what is about an occurrence ends with the id that its script and its page have. */
function withCorrelation(format: TextFormatter): TextFormatter {
  return (record) => {
    const { correlationId } = record.properties;
    const line = format(record);
    return typeof correlationId === "string" ? line.replace(/(?=\n|$)/, ` [${correlationId}]`) : line;
  };
}

/** JSON shows an error in a message as `{}`; its stack is among the properties, so its name and message are enough here. */
function withErrorsNamed(format: TextFormatter): TextFormatter {
  return (record) =>
    format({
      ...record,
      message: record.message.map((part) => part instanceof Error ? `${part.name}: ${part.message}` : part),
    });
}

function writeAll(bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += Deno.stderr.writeSync(bytes.subarray(written));
}
