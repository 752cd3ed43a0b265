import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { guardChanges } from "../client/guard_changes.ts";
import { followParts, resolveZone, showParts, useSchedule } from "../client/schedule_form.ts";
import { SchedulePreview } from "../island_components/SchedulePreview.tsx";
import { passedWords } from "../format/arg_lines.ts";
import type { Preview } from "../format/preview.ts";

const DEBOUNCE_MS = 250;

/** The properties of the editor. */
export interface JobEditorProps {
  readonly initial: Preview | null;
  /** The edited job; null: a new one. */
  readonly job: number | null;
  /** The fields on which the preview depends. */
  readonly fields: readonly string[];
}

/**
 * The preview of the form around it, which it asks of the server 250 ms after the last change. It keeps the parts of the schedule and
 * its text the same, finds zones by what people call them, shows what the script will get, and asks before changes are lost.
 */
export default function JobEditor({ initial, job, fields }: JobEditorProps): JSX.Element {
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
        if (!response.ok) return;
        const answer: Preview | null = await response.json();
        setPreview(answer);
        showParts(form, answer);
      } catch {
        // After another keystroke, or while the portal is away, the last preview stays.
      }
    };
    const askSoon = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, DEBOUNCE_MS);
    };
    const onInput = ({ target }: Event) => {
      if (!isControl(target)) return;
      if (target.name === "args") showPassed(form, target.value);
      if (followParts(form, target.name) || fields.includes(target.name)) askSoon();
    };
    const onChange = ({ target }: Event) => {
      if (target instanceof HTMLInputElement && target.name === "timezone" && resolveZone(target)) askSoon();
    };
    const onClick = (event: MouseEvent) => {
      if (useSchedule(form, event)) askSoon();
    };
    form.addEventListener("input", onInput);
    form.addEventListener("change", onChange);
    form.addEventListener("click", onClick);
    const stopGuard = guardChanges(form);
    return () => {
      clearTimeout(timer);
      request.abort();
      stopGuard();
      form.removeEventListener("input", onInput);
      form.removeEventListener("change", onChange);
      form.removeEventListener("click", onClick);
    };
  }, []);
  return (
    <div ref={place} aria-live="polite">
      {preview === null ? <p class="quiet">The next runs appear here.</p> : <SchedulePreview preview={preview} />}
    </div>
  );
}

function isControl(target: EventTarget | null): target is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement;
}

function showPassed(form: HTMLFormElement, args: string): void {
  const place = form.querySelector("[data-passed]");
  if (place !== null) place.textContent = passedWords(args);
}
