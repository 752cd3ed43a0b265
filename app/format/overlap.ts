import type { OverlapPolicy } from "@jobtrigger/shared/domain";

/** The effect of starting a run by hand while `unfinished` runs of its job exist; `hasRoom`: the policy allows it. */
export function overlapNow(
  { overlap, unfinished, hasRoom }: {
    readonly overlap: OverlapPolicy;
    readonly unfinished: number;
    readonly hasRoom: boolean;
  },
): string {
  if (unfinished === 0) return "No earlier run is waiting or running, so nothing is in its way.";
  const earlier = unfinished === 1 ? "An earlier run has not ended" : `${unfinished} earlier runs have not ended`;
  const them = unfinished === 1 ? "it" : "them";
  const words: Readonly<Record<OverlapPolicy, string>> = {
    skip: "no other is started",
    queue_one: `it waits for ${them}`,
    queue_all: `it waits for ${them}`,
    cancel_running: `${unfinished === 1 ? "that is" : "those are"} cancelled for it`,
    allow: `it runs beside ${them}`,
  };
  return hasRoom
    ? `${earlier}: by the overlap policy ${overlap}, ${words[overlap]}.`
    : `${earlier}: by the overlap policy ${overlap}, no other is started, unless you force it.`;
}
