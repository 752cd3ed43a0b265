/**
 * One trace for each occurrence, from when it was due to the end of its last attempt and the notices of it, by Deno's own OpenTelemetry. Nothing is traced
 * unless `OTEL_DENO` is set; then Deno sends the spans itself, whatever permissions the process has.
 *
 * The id of the trace is the occurrence's correlation id, so that no column has to carry it from the scheduler to the worker, and
 * whoever has a line of a log finds the trace. All spans are children of one span of the occurrence, whose id is made of the
 * correlation id too and which nobody sends: it would have to wait for the last attempt.
 *
 * @module
 */
import {
  type Context,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { type EpochMs, type FinalStatus, VERSION } from "@jobtrigger/shared/domain";
import type { Claim, ClaimedDelivery, DeliveryResult, DispatchedRun } from "@jobtrigger/shared/store";

const tracer = trace.getTracer("job-trigger-portal", VERSION);

/** Whether Deno has put its own provider in the place of the package's, which does nothing. */
const isOn = !(trace.getTracerProvider() instanceof ProxyTracerProvider);

/** Traces a dispatch: from when the occurrence was due to when it was written into the queue. */
export function traceDispatch({ id, jobId, scheduledFor, correlationId }: DispatchedRun, at: EpochMs): void {
  if (!isOn) return;
  const attributes = { "jobtrigger.run.id": id, "jobtrigger.job.id": jobId };
  const options = { kind: SpanKind.PRODUCER, startTime: scheduledFor, attributes };
  tracer.startSpan("dispatch", options, occurrenceOf(correlationId)).end(at);
}

/** Traces an attempt to carry a notice of an occurrence, from its claim to its end. */
export function traceNotice(
  { delivery: { publicId, jobId, attempts }, channel, correlationId }: ClaimedDelivery,
  { from, to, result }: { readonly from: EpochMs; readonly to: EpochMs; readonly result: DeliveryResult },
): void {
  if (!isOn || correlationId === null) return;
  const attributes = {
    "jobtrigger.delivery.id": publicId,
    "jobtrigger.attempt": attempts,
    ...jobId !== null && { "jobtrigger.job.id": jobId },
    ...channel !== null && { "jobtrigger.channel.kind": channel.kind },
  };
  const options = { kind: SpanKind.CLIENT, startTime: from, attributes };
  const span = tracer.startSpan("notice", options, occurrenceOf(correlationId));
  if (!result.isDelivered) span.setStatus({ code: SpanStatusCode.ERROR, message: result.error });
  span.end(to);
}

/** What a trace says of a claim. */
type TracedClaim = Pick<Claim, "dispatchId" | "jobId" | "jobName" | "retryCount" | "correlationId">;

/** The trace of one attempt. */
export class AttemptTrace {
  /** Null: nothing is traced. */
  readonly #attempt: Span | null;
  #script: Span | null = null;

  /** The attempt of a claim begins to run at an instant. */
  constructor(claim: TracedClaim, at: EpochMs) {
    this.#attempt = isOn ? beginAttempt(claim, at) : null;
  }

  /** Its script starts. Answers what the script's environment says of the trace (W3C Trace Context); null: nothing is traced. */
  beginScript(script: string, at: EpochMs): string | null {
    if (this.#attempt === null) return null;
    const parent = trace.setSpan(ROOT_CONTEXT, this.#attempt);
    this.#script = tracer.startSpan("script", { startTime: at, attributes: { "jobtrigger.script": script } }, parent);
    const { traceId, spanId, traceFlags } = this.#script.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
  }

  /** Its script has ended. */
  endScript(at: EpochMs): void {
    this.#script?.end(at);
  }

  /** The attempt is over, and its end is written; null: it was released or lost, so that another attempt may follow. */
  end(at: EpochMs, outcome: { readonly status: FinalStatus; readonly errorMessage: string | null } | null): void {
    this.#attempt?.setAttribute("jobtrigger.status", outcome?.status ?? "RELEASED");
    if (outcome !== null && outcome.status !== "COMPLETED") {
      this.#attempt?.setStatus({ code: SpanStatusCode.ERROR, message: outcome.errorMessage ?? outcome.status });
    }
    this.#attempt?.end(at);
  }
}

function beginAttempt(claim: TracedClaim, at: EpochMs): Span {
  const attributes = {
    "jobtrigger.run.id": claim.dispatchId,
    "jobtrigger.job.id": claim.jobId,
    "jobtrigger.job.name": claim.jobName,
    "jobtrigger.attempt": claim.retryCount + 1,
  };
  const options = { kind: SpanKind.CONSUMER, startTime: at, attributes };
  return tracer.startSpan("attempt", options, occurrenceOf(claim.correlationId));
}

/** What all spans of an occurrence belong to. */
function occurrenceOf(correlationId: string): Context {
  const traceId = correlationId.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(traceId)) return ROOT_CONTEXT;
  const spanContext = { traceId, spanId: traceId.slice(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, spanContext);
}
