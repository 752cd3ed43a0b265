/**
 * The text in which Prometheus reads metrics (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4). It is
 * written here and not by `npm:prom-client`, because that observes times one by one, and ours come counted from the statistics.
 *
 * @module
 */

/** The media type of the text. */
export const MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One value of a metric. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The times of a histogram, in seconds. */
export interface Times {
  readonly labels?: Readonly<Record<string, string>>;
  /** How many times were at most `le` seconds, the bounds in ascending order. */
  readonly buckets: readonly (readonly [le: number, count: number])[];
  readonly count: number;
  readonly sum: number;
}

/** A metric with its values. */
export type Metric =
  & {
    /** By the conventions of https://prometheus.io/docs/practices/naming/. */
    readonly name: string;
    readonly help: string;
  }
  & (
    | { readonly type: "counter" | "gauge"; readonly samples: readonly Sample[] }
    | { readonly type: "histogram"; readonly times: readonly Times[] }
  );

/** Writes metrics as text. One without values is left out. */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics.map((metric) => {
    const lines = metric.type === "histogram" ? metric.times.flatMap((times) => linesOf(metric.name, times)) : metric
      .samples.map(({ labels = {}, value }) => line(metric.name, labels, value));
    if (lines.length === 0) return "";
    const help = metric.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    return [`# HELP ${metric.name} ${help}`, `# TYPE ${metric.name} ${metric.type}`, ...lines, ""].join("\n");
  }).join("");
}

function linesOf(name: string, { labels = {}, buckets, count, sum }: Times): readonly string[] {
  return [
    ...buckets.map(([le, count]) => line(`${name}_bucket`, { ...labels, le: String(le) }, count)),
    line(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`).join(",");
  return `${name}${pairs === "" ? "" : `{${pairs}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
