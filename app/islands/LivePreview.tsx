import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { SchedulePreview } from "../components/SchedulePreview.tsx";
import type { Preview } from "../format/preview.ts";

const DEBOUNCE_MS = 250;

/** The properties of the preview. */
export interface LivePreviewProps {
  readonly initial: Preview | null;
  /** The edited job; null: a new one. */
  readonly job: number | null;
  /** The fields on which the preview depends. */
  readonly fields: readonly string[];
}

/** The preview of the form around it. It asks the server 250 ms after the last keystroke. */
export default function LivePreview({ initial, job, fields }: LivePreviewProps): JSX.Element {
  const [preview, setPreview] = useState(initial);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const form = place.current?.closest("form");
    if (!form) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let request = new AbortController();
    const ask = async () => {
      request.abort();
      request = new AbortController();
      const data = new FormData(form);
      const query = new URLSearchParams(fields.map((name) => [name, String(data.get(name) ?? "")]));
      if (job !== null) query.set("job", String(job));
      try {
        const response = await fetch(`/api/schedule/preview?${query}`, { signal: request.signal });
        if (response.ok) setPreview(await response.json());
      } catch {
        // After another keystroke, or while the portal is away, the last preview stays.
      }
    };
    const onInput = ({ target }: Event) => {
      if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
      if (!fields.includes(target.name)) return;
      clearTimeout(timer);
      timer = setTimeout(ask, DEBOUNCE_MS);
    };
    form.addEventListener("input", onInput);
    return () => {
      clearTimeout(timer);
      request.abort();
      form.removeEventListener("input", onInput);
    };
  }, []);
  return (
    <div ref={place} aria-live="polite">
      {preview === null ? <p class="quiet">The next runs appear here.</p> : <SchedulePreview preview={preview} />}
    </div>
  );
}
