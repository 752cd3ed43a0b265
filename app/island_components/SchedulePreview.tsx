import { Fragment, type JSX } from "preact";
import type { Preview } from "../format/preview.ts";
import { Note } from "./Note.tsx";

type Valid = Extract<Preview, { readonly kind: "valid" }>;

/** A schedule in words, its next occurrences and its warnings. The server and the editor render it alike. */
export function SchedulePreview({ preview }: { readonly preview: Preview }): JSX.Element {
  if (preview.kind === "invalid") {
    return (
      <div class="preview">
        {preview.problems.map(({ field, label, message }) => <p key={field} class="problem">{label}: {message}</p>)}
      </div>
    );
  }
  const { sentence, warnings, runs, isTimed, effects, crowd } = preview;
  return (
    <div class="preview">
      <p class="sentence">{sentence}</p>
      {isTimed && runs.length === 0 && <p class="problem">Never fires.</p>}
      {!isTimed && <p class="quiet">Runs only when somebody starts it.</p>}
      {runs.length > 0 && <NextRuns preview={preview} />}
      {runs.length > 0 && runs.length < 10 && <p class="quiet">No further runs after these.</p>}
      {warnings.length > 0 && (
        <Note
          tone="warn"
          role={null}
          what={warnings.length === 1 ? "One thing to know" : `${warnings.length} things to know`}
        >
          {warnings.map((warning) => <p key={warning}>{warning}</p>)}
        </Note>
      )}
      {crowd !== null && (
        <Note
          tone="calm"
          role={null}
          what={crowd.sentence}
          step={crowd.free !== null && (
            <button type="submit" name="use" value={crowd.free.schedule} class="button">Use {crowd.free.time}</button>
          )}
        >
          {crowd.free !== null && <p>{crowd.free.time} is free.</p>}
        </Note>
      )}
      {effects.length > 0 && (
        <ul class="effects">
          {effects.map(({ sentence, isWarning }) => (
            <li key={sentence} class={isWarning ? "warning" : undefined}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function NextRuns({ preview: { runs, jobZone, portalZone } }: { readonly preview: Valid }): JSX.Element {
  const hasStarts = runs.some(({ start }) => start !== null);
  const hasPortal = portalZone !== jobZone;
  const hasUtc = jobZone !== "UTC" && portalZone !== "UTC";
  return (
    <div class="scroll num" tabIndex={0} role="region" aria-label="Table of the next runs">
      <table>
        <thead>
          <tr>
            <th scope="col">
              {hasStarts && "Due, "}
              <Zone name={jobZone} />
            </th>
            {hasStarts && <th scope="col">Starts</th>}
            {hasPortal && (
              <th scope="col">
                <Zone name={portalZone} />
              </th>
            )}
            {hasUtc && <th scope="col">UTC</th>}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.iso}>
              <td>
                <time dateTime={run.iso}>{run.job}</time>
              </td>
              {hasStarts && <td>{run.start}</td>}
              {hasPortal && <td class="quiet">{run.portal}</td>}
              {hasUtc && <td class="quiet">{run.utc}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A zone that may go on in another line after its area. */
function Zone({ name }: { readonly name: string }): JSX.Element {
  return (
    <>
      {name.split("/").map((part, i) =>
        i === 0 ? part : (
          <Fragment key={part}>
            /<wbr />
            {part}
          </Fragment>
        )
      )}
    </>
  );
}
