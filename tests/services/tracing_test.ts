/**
 * Traces as a collector gets them (OTLP over HTTP, in JSON), which this test is.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { by } from "../support/actor.ts";
import { openSite, Service } from "../support/process.ts";
import { addJob, completedRun, log, now } from "./_runs.ts";

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

/** A channel's other end, which takes everything. */
class Receiver implements AsyncDisposable {
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("ok"));

  /** What makes a channel lead here. */
  get channel() {
    const address = `http://127.0.0.1:${this.#server.addr.port}/`;
    return { kind: "ping", address, url: address, token: null, from: null, to: [] } as const;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("one trace leads from when a run was due to its script, its end and the notice of it, on a database without a network", async () => {
  await using collector = new Collector();
  await using receiver = new Receiver();
  await using site = await openSite({ ...collector.env, NOTIFIER_ALLOW_HOSTS: "127.0.0.1", LOG_LEVEL: "debug" });
  const { id } = await site.store.alerts.createChannel({ name: "ops", ...receiver.channel }, by(now()));
  const rest = { scope: { kind: "all" }, channelIds: [id], remindSeconds: null, quiet: null } as const;
  await site.store.alerts.createRule({ name: "Runs", condition: { kind: "every_run", limit: 0 }, ...rest }, by(now()));
  await using notifier = await Service.start("notifier", site.env);
  await notifier.line(/notifier.* has started/);
  await site.script("trace.sh", 'echo "$TRACEPARENT"');
  const job = await addJob(site, "every 1s", "trace.sh");
  await using _scheduler = await Service.start("scheduler", site.env);
  await using _worker = await Service.start("worker", site.env);
  const run = await completedRun(site, job);
  const traceId = run.correlationId.replaceAll("-", "");
  const [dispatch, attempt, script, notice] = await Promise.all([
    collector.span(traceId, "dispatch"),
    collector.span(traceId, "attempt"),
    collector.span(traceId, "script"),
    collector.span(traceId, "notice"),
  ]);
  assert.equal(dispatch.parentSpanId, attempt.parentSpanId);
  assert.equal(notice.parentSpanId, attempt.parentSpanId);
  await notifier.line(new RegExp(`Delivered alert_\\S+ to channel .*\\[${run.correlationId}\\]`));
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
  const run = await completedRun(site, job);
  assert.equal(await log(site, run), "none\n");
});
