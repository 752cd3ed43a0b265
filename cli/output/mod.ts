/**
 * What jobctl prints: forms for programs, tables, facts and one-line answers for people.
 *
 * @module
 */
export { print, type Printed, subject } from "./print.ts";
export { type Column, printTable } from "./table.ts";
export { type Fact, printFacts } from "./facts.ts";
export { COLOR_CHOICES, type Form, formOf, FORMS, type OutputFlags, wantsProgramForm } from "./form.ts";
export { PlainText } from "./plain.ts";
export { instantText, oneLine } from "./text.ts";
export type { ListFlags, Listing } from "./list_parts.ts";
export { PAGE_MAX, printListing } from "./listing.ts";
export { printJson } from "./value.ts";
export { statusTone, type Tone } from "./color.ts";
export { ProgressLine } from "./progress.ts";
