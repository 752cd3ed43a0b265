import type { EpochMs } from "./brand.ts";
import { Invalid } from "./errors.ts";
import { withoutUnseen } from "./unseen.ts";

/** Most views that somebody keeps. */
export const MAX_VIEWS = 50;
/** Longest name of a view, in characters. */
const VIEW_NAME_MAX = 60;
/** Longest query of a view, in characters. */
export const VIEW_QUERY_MAX = 2_500;

/** A filter of the list of jobs that somebody keeps under a name. */
export interface SavedView {
  /** Its id. */
  readonly id: number;
  /** What its owner calls it; unique among theirs. */
  readonly name: string;
  /** The query of the list's address, such as `q=label%3Anightly&sort=name`. */
  readonly query: string;
  /** When it was saved last. */
  readonly createdAt: EpochMs;
}

/** The name of a view as it is stored. @throws {Invalid} of the field `name`. */
export function parseViewName(text: string): string {
  const name = withoutUnseen(text.normalize("NFC")).trim().replace(/ +/g, " ");
  if (name !== "" && name.length <= VIEW_NAME_MAX) return name;
  throw new Invalid([{ field: "name", message: `must have 1 to ${VIEW_NAME_MAX} characters` }]);
}
