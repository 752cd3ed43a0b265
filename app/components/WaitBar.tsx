import type { Dispatch } from "@jobtrigger/shared/domain";
import { formatDuration } from "@jobtrigger/shared/time";
import type { JSX } from "preact";

/** Width of the drawing, and the least of a step that took any time. */
const [WIDTH, LEAST] = [1000, 4];

interface Step {
  readonly words: string;
  readonly ms: number;
  readonly kind: "wait" | "ok" | "bad" | "busy";
}

/**
 * How long a run waited and how long it ran, as a bar with a sentence, and in words: due → available → claimed → started → ended. The
 * table of instants is among the facts of the page.
 */
export function WaitBar({ run, now }: { readonly run: Dispatch; readonly now: number }): JSX.Element | null {
  const steps = stepsOf(run, now).filter(({ ms }) => ms > 0);
  const total = steps.reduce((sum, { ms }) => sum + ms, 0);
  if (total === 0) return null;
  const sentence = steps.map(({ words, ms }) => `${words} ${formatDuration(ms)}`).join(", ");
  let at = 0;
  return (
    <div class="wait" data-row="wait">
      <svg
        viewBox={`0 0 ${WIDTH} 12`}
        preserveAspectRatio="none"
        role="img"
        aria-label={sentence.charAt(0).toUpperCase() + sentence.slice(1)}
      >
        {steps.map(({ words, ms, kind }) => {
          const width = LEAST + (ms / total) * (WIDTH - LEAST * steps.length);
          const x = at;
          at += width;
          const isThin = kind === "wait";
          return (
            <rect
              key={words}
              class={`b-${kind}`}
              x={x.toFixed(1)}
              y={isThin ? 3.5 : 0.5}
              width={Math.max(1, width - 1).toFixed(1)}
              height={isThin ? 5 : 11}
            />
          );
        })}
      </svg>
      <ol>
        {steps.map(({ words, ms }, i) => (
          <li key={words}>
            {i === 0 ? words.charAt(0).toUpperCase() + words.slice(1) : words} <b>{formatDuration(ms)}</b>
          </li>
        ))}
      </ol>
    </div>
  );
}

function stepsOf({ scheduledFor, retryCount, state, createdAt }: Dispatch, now: number): readonly Step[] {
  const available = state.status === "PENDING" ? Math.min(state.availableAt, now) : null;
  const claimed = state.status === "PENDING" ? null : state.claimedAt;
  const started = state.status === "PENDING" ? null : state.startedAt;
  const ended = "completedAt" in state ? state.completedAt : null;
  const due = retryCount > 0 ? createdAt : scheduledFor;
  const upTo = claimed ?? ended ?? now;
  const ranTo = ended ?? now;
  const kind = ended === null ? "busy" : state.status === "COMPLETED" ? "ok" : "bad";
  return [
    ...(available === null ? [] : [{ words: "waited until it may start", ms: available - due, kind: "wait" } as const]),
    {
      words: retryCount > 0 ? "waited for its retry and a worker" : "waited for a worker",
      ms: upTo - (available ?? due),
      kind: "wait",
    },
    ...(claimed === null ? [] : [{ words: "started in", ms: (started ?? ranTo) - claimed, kind: "wait" } as const]),
    ...(started === null ? [] : [{ words: ended === null ? "has run" : "ran", ms: ranTo - started, kind } as const]),
  ];
}
