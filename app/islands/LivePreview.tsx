import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { SchedulePreview } from "../components/SchedulePreview.tsx";
import type { Preview } from "../format/preview.ts";

const FIELDS = ["schedule", "timezone", "gap", "fold"];
const DEBOUNCE_MS = 250;

/** The preview beside a schedule's fields: asks the engine 250 ms after the last keystroke in the form around it. */
export default function LivePreview({ initial }: { readonly initial: Preview | null }): JSX.Element {
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
      const query = new URLSearchParams(FIELDS.map((name) => [name, String(data.get(name) ?? "")]));
      try {
        const response = await fetch(`/api/schedule/preview?${query}`, { signal: request.signal });
        if (response.ok) setPreview(await response.json());
      } catch {
        // Another keystroke came, or the portal is away: the last preview stays.
      }
    };
    const onInput = ({ target }: Event) => {
      if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
      if (!FIELDS.includes(target.name)) return;
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
