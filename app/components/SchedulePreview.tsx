import type { JSX } from "preact";
import type { Preview } from "../format/preview.ts";

/** A schedule in words, its next occurrences and its warnings. The server and the editor render it alike. */
export function SchedulePreview({ preview }: { readonly preview: Preview }): JSX.Element {
  if (preview.kind === "invalid") {
    return (
      <div class="preview">
        {preview.problems.map(({ field, label, message }) => <p key={field} class="problem">{label}: {message}</p>)}
      </div>
    );
  }
  const { sentence, warnings, runs, isTimed, effects, jobZone, portalZone } = preview;
  const hasStarts = runs.some(({ start }) => start !== null);
  return (
    <div class="preview">
      <p>
        <strong>{sentence}</strong>
      </p>
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((warning) => <li key={warning}>{warning}</li>)}
        </ul>
      )}
      {isTimed && runs.length === 0 && <p class="problem">Never fires.</p>}
      {!isTimed && <p class="quiet">Runs only when somebody starts it.</p>}
      {runs.length > 0 && (
        <div class="scroll num" tabIndex={0} role="region" aria-label="Table of the next runs">
          <table>
            <thead>
              <tr>
                <th scope="col">{hasStarts ? `Due, ${jobZone}` : jobZone}</th>
                {hasStarts && <th scope="col">Starts</th>}
                {portalZone !== jobZone && <th scope="col">{portalZone}</th>}
                {jobZone !== "UTC" && portalZone !== "UTC" && <th scope="col">UTC</th>}
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <tr key={run.iso}>
                  <td>
                    <time dateTime={run.iso}>{run.job}</time>
                  </td>
                  {hasStarts && <td>{run.start}</td>}
                  {portalZone !== jobZone && <td>{run.portal}</td>}
                  {jobZone !== "UTC" && portalZone !== "UTC" && <td>{run.utc}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {runs.length > 0 && runs.length < 10 && <p class="quiet">No further runs after these.</p>}
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
