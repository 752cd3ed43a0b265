import type { JSX } from "preact";

/** A sentence in which each run's number, as in `run 7` or `runs 7, 8`, is a link to the run. */
export function Sentence({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {text.split(/(\bruns? \d+(?:, \d+)*)/i).map((part, index) =>
        // split() by a pattern with a group puts the matches at odd positions.
        index % 2 === 0
          ? part
          : part.split(/(\d+)/).map((text, i) =>
            i % 2 === 0 ? text : <a key={i} href={`/runs/${text}`} class="num">{text}</a>
          )
      )}
    </>
  );
}
