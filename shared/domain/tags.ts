/** Most tags of a job or a worker. */
const MAX_TAGS = 20;

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._:/-]{0,99}$/u;

/** What a tag or a concurrency key is made of. */
export const NAME_EXPECTED = "letters and digits, then also . _ : / -, at most 100 characters";

/** Whether `text` can be a tag or a concurrency key. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Reads tags from texts, or from one text with commas. The answer is sorted and has each once. @throws {RangeError} */
export function parseTags(input: string | readonly string[]): readonly string[] {
  const texts = typeof input === "string" ? input.split(",") : input;
  const tags = texts.map((tag) => tag.trim()).filter((tag) => tag !== "");
  const wrong = tags.find((tag) => !isName(tag));
  if (wrong !== undefined) throw new RangeError(`found the tag "${wrong}", expected ${NAME_EXPECTED}`);
  if (tags.length > MAX_TAGS) throw new RangeError(`found ${tags.length} tags, expected at most ${MAX_TAGS}`);
  return [...new Set(tags)].toSorted();
}
