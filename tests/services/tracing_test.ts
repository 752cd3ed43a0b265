/**
 * Traces as a collector gets them (OTLP over HTTP, in JSON), which this test is.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { eventually, openSite, Service } from "../support/process.ts";
import { addJob, log } from "./_runs.ts";

const exported = z.object({
  resourceSpans: z.array(z.object({
    scopeSpans: z.array(z.object({
      scope: z.object({ name: z.string() }),
      spans: z.array(z.object({
        traceId: z.string(),
        spanId: z.string(),
        parentSpanId: z.string().default(""),
        name: z.string(),
        startTimeUnixNano: z.string(),
        endTimeUnixNano: z.string(),
      })),
    })),
  })),
});

type Span = z.infer<typeof exported>["resourceSpans"][0]["scopeSpans"][0]["spans"][0];

/** A collector of traces. */
class Collector implements AsyncDisposable {
  readonly #spans: Span[] = [];
  #more = Promise.withResolvers<void>();
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (new URL(request.url).pathname === "/v1/traces") {
      const { resourceSpans } = exported.parse(await request.json());
      const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
      this.#spans.push(...scopes.flatMap(({ scope, spans }) => scope.name === "job-trigger-portal" ? spans : []));
      this.#more.resolve();
      this.#more = Promise.withResolvers();
    } else await request.body?.cancel();
    return Response.json({});
  });

  /** What sends a process's spans here. */
  get env(): Readonly<Record<string, string>> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "50",
    };
  }

  /** The span of a trace with a name, as soon as it has come. */
  async span(traceId: string, name: string): Promise<Span> {
    while (true) {
      const found = this.#spans.find((span) => span.traceId === traceId && span.name === name);
      if (found !== undefined) return found;
      await this.#more.promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("one trace leads from when a run was due to its script and its end, on a database without a network", async () => {
  await using collector = new Collector();
  await using site = await openSite(collector.env);
  await site.script("trace.sh", 'echo "$TRACEPARENT"');
  const job = await addJob(site, "every 1s", "trace.sh");
  await using _scheduler = await Service.start("scheduler", site.env);
  await using _worker = await Service.start("worker", site.env);
  const run = await eventually(
    site.store,
    async () => (await site.store.runs.list({ jobId: job.id, statuses: ["COMPLETED"], limit: 1 })).items[0],
  );
  const traceId = run.correlationId.replaceAll("-", "");
  const [dispatch, attempt, script] = await Promise.all([
    collector.span(traceId, "dispatch"),
    collector.span(traceId, "attempt"),
    collector.span(traceId, "script"),
  ]);
  assert.equal(dispatch.parentSpanId, attempt.parentSpanId);
  assert.equal(script.parentSpanId, attempt.spanId);
  assert.equal(await log(site, run), `00-${traceId}-${script.spanId}-01\n`);
  const msOf = (nanos: string) => Math.round(Number(nanos) / 1e6);
  assert.equal(msOf(dispatch.startTimeUnixNano), run.scheduledFor);
  const { endTimeUnixNano: dispatched } = dispatch;
  const times = [dispatched, attempt.startTimeUnixNano, script.endTimeUnixNano, attempt.endTimeUnixNano].map(msOf);
  assert.deepEqual(times.toSorted((a, b) => a - b), times);
});

Deno.test("a script has no trace where none is asked for", async () => {
  await using site = await openSite();
  await site.script("trace.sh", 'echo "${TRACEPARENT-none}"');
  const job = await addJob(site, "every 1s", "trace.sh");
  await using _scheduler = await Service.start("scheduler", site.env);
  await using _worker = await Service.start("worker", site.env);
  const run = await eventually(
    site.store,
    async () => (await site.store.runs.list({ jobId: job.id, statuses: ["COMPLETED"], limit: 1 })).items[0],
  );
  assert.equal(await log(site, run), "none\n");
});
