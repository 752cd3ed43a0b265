import { NotFound } from "@jobtrigger/shared/domain";

/** The number that names one of `what`. @throws {NotFound} when it is none. */
export function numberOf(what: string, text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new NotFound(`There is no ${what} ${JSON.stringify(text)}; expected its number`);
}
