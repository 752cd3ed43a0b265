/**
 * The schedule of a job's form in the browser: its buttons and fields write the text, and a text that the server has read is shown in
 * them.
 *
 * @module
 */
import type { Preview } from "../format/preview.ts";
import { PART_FIELDS, readParts, type ScheduleParts, textOfParts } from "../format/schedule_parts.ts";

const PARTS: ReadonlySet<string> = new Set(Object.values(PART_FIELDS));

/** Writes the text after a change of a part; false: the field `name` is no part. */
export function followParts(form: HTMLFormElement, name: string): boolean {
  if (!PARTS.has(name)) return false;
  const text = textOfParts(readParts(new FormData(form)));
  if (text !== null) write(form, text);
  return true;
}

/** Shows a typed schedule in its parts, or no kind where the text is no schedule; parts that wrote the text stay as they are. */
export function showParts(form: HTMLFormElement, preview: Preview | null): void {
  const text = textField(form)?.value ?? "";
  if (textOfParts(readParts(new FormData(form))) === text) return;
  const parts = preview?.kind === "valid" ? preview.parts : null;
  const isWrong = preview === null ||
    preview.kind === "invalid" && preview.problems.some(({ field }) => field === "schedule");
  if (parts !== null) fill(form, parts);
  else if (isWrong) check(form, PART_FIELDS.kind, []);
}

/** Takes the schedule that a button of the preview offers; false: the click was on something else. */
export function useSchedule(form: HTMLFormElement, event: MouseEvent): boolean {
  const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[name=use]") : null;
  if (button === null) return false;
  event.preventDefault();
  write(form, button.value);
  textField(form)?.focus();
  return true;
}

/** Puts the zone in place of what people call it: `Hong Kong`, `HKT`. False: it is a zone already, or not just one is called so. */
export function resolveZone(input: HTMLInputElement): boolean {
  const typed = input.value.trim().replaceAll("_", " ").toLowerCase();
  const options = [...input.list?.options ?? []];
  if (typed === "" || options.some(({ value }) => value === input.value)) return false;
  const found = options.filter(({ value, label }) =>
    value.toLowerCase().replaceAll("_", " ") === typed || label.toLowerCase().split(", ").includes(typed)
  );
  const [zone] = found;
  if (zone === undefined || found.length > 1) return false;
  input.value = zone.value;
  return true;
}

function textField(form: HTMLFormElement): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>("input[name=schedule]");
}

function write(form: HTMLFormElement, text: string): void {
  const field = textField(form);
  if (field === null) return;
  field.value = text;
  // A problem of the text that was sent says nothing about this one.
  field.removeAttribute("aria-invalid");
}

function fill(form: HTMLFormElement, parts: ScheduleParts): void {
  check(form, PART_FIELDS.kind, [parts.kind ?? ""]);
  check(form, PART_FIELDS.days, parts.days);
  for (const name of ["at", "every", "minute", "time", "day", "expression"] as const) {
    const field = form.elements.namedItem(PART_FIELDS[name]);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = parts[name];
  }
}

function check(form: HTMLFormElement, name: string, values: readonly string[]): void {
  for (const box of form.querySelectorAll<HTMLInputElement>(`input[name=${name}]`)) {
    box.checked = values.includes(box.value);
  }
}
