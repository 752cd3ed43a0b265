/**
 * Filters that people type into the lists of the portal.
 *
 * @module
 */
import { Invalid } from "@jobtrigger/shared/domain";

/** What a filter narrows to, or what is wrong with it. */
export function readTyped<Filter extends object>(
  read: () => Filter,
): { readonly filter: Filter | Record<never, never>; readonly problem: string | null } {
  try {
    return { filter: read(), problem: null };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { filter: {}, problem: error.problems.map(({ message }) => message).join("; ") };
  }
}

/** The status of the answer: a wrong filter is a wrong request. */
export function statusOf(problem: string | null): { readonly status: number } {
  return { status: problem === null ? 200 : 422 };
}
