/** Longest label, in characters. */
const LABEL_MAX = 50;
/** Most labels of a job. */
const MAX_LABELS = 20;

/** Characters that would break a line, a list or a filter: controls, formatting characters, commas, quotation marks; and half a pair. */
const EXCLUDED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp},"]/u;

/**
 * Labels as they are stored: in lower case and Unicode's composed form, so that one word is one label however it was typed; with
 * single spaces; sorted, each once. Empty labels are left out.
 *
 * @throws {RangeError} that names a label which is too long or has an excluded character, or when there are too many.
 *
 * @example
 * ```ts
 * import { parseLabels } from "@jobtrigger/shared/domain";
 *
 * parseLabels(["Nightly", " month  end ", "nightly"]); // ["month end", "nightly"]
 * ```
 */
export function parseLabels(texts: readonly string[]): readonly string[] {
  const labels = [...new Set(texts.map(normalized))].filter((label) => label !== "").toSorted();
  const wrong = labels.find((label) => label.length > LABEL_MAX || EXCLUDED.test(label));
  if (wrong !== undefined) {
    const expected = `at most ${LABEL_MAX} characters, without commas, quotation marks and control characters`;
    throw new RangeError(`found the label ${JSON.stringify(wrong)}, expected ${expected}`);
  }
  if (labels.length > MAX_LABELS) throw new RangeError(`found ${labels.length} labels, expected at most ${MAX_LABELS}`);
  return labels;
}

function normalized(text: string): string {
  return text.normalize("NFC").toLowerCase().trim().replace(/ +/g, " ");
}
