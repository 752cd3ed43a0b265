/** How well something is, as the health strip colours it. */
export type HealthTone = "ok" | "late" | "bad";

/** A number beside a place of the navigation, such as how many jobs fail. */
export interface PlaceCount {
  readonly count: number;
  readonly tone: "late" | "bad";
  /** Read out in place of the number: "2 failing". */
  readonly words: string;
}

/** What the first line of every page says. Plain data, so that any source can give it. */
export interface Health {
  /** The answer: "All is well", "1 late", "5 need attention". */
  readonly sign: { readonly tone: HealthTone; readonly text: string; readonly href: string };
  /** What it comes from, the most important first. `isKept`: on small screens too. */
  readonly items: readonly {
    readonly name: string;
    readonly value: string;
    readonly href: string;
    readonly tone?: "late" | "bad";
    readonly isKept?: boolean;
  }[];
  /** By path of the place. */
  readonly counts: Readonly<Record<string, PlaceCount>>;
}
