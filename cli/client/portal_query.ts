import { formatFilter } from "@jobtrigger/shared/api";

/** A query with all that was asked for: the compiler refuses a filter of the store that is not sent. */
export function whole<Query>(query: Query, _rest: Readonly<Record<string, never>>): Query {
  return query;
}

/** The part of a query that the API takes as a filter. */
export function filterText(
  { label = [], ...lists }: {
    readonly state?: readonly string[] | undefined;
    readonly job?: readonly string[] | undefined;
    /** Groups of labels, of which one each must hold. */
    readonly label?: readonly (readonly string[])[] | undefined;
    readonly worker?: readonly string[] | undefined;
    readonly trigger?: readonly string[] | undefined;
    readonly tag?: readonly string[] | undefined;
    readonly reason?: readonly string[] | undefined;
  },
): string | undefined {
  const terms = Object.entries(lists).flatMap(([field, values]) => values === undefined ? [] : [{ field, values }]);
  return formatFilter([...terms, ...label.map((values) => ({ field: "label", values }))]) ?? undefined;
}
