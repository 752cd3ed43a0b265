/** How well something is, as the health strip colours it. */
export type HealthTone = "ok" | "late" | "bad";

/** What the sign of the page's tab says. */
export interface TabSign {
  readonly tone: HealthTone;
  readonly count: number;
}

const MARKS: Readonly<Record<HealthTone, string>> = { ok: "", late: "!", bad: "✗" };

/** The title of a tab, with how many things need attention before it: `✗ 2 · Jobs`. What another sign put there goes. */
export function signedTitle(title: string, { tone, count }: TabSign): string {
  const plain = title.replace(/^[✗!] \d+ · /, "");
  return count === 0 ? plain : `${MARKS[tone]} ${count} · ${plain}`;
}

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
  readonly sign: {
    readonly tone: HealthTone;
    /** How many things need attention; 0: none does. */
    readonly count: number;
    readonly text: string;
    readonly href: string;
  };
  /** What it comes from, the most important first. `isKept`: on small screens too. */
  readonly items: readonly {
    readonly name: string;
    readonly value: string;
    /** The instant that `value` names relative to now; the page keeps its words current. */
    readonly at?: string;
    readonly href: string;
    readonly tone?: "late" | "bad";
    readonly isKept?: boolean;
  }[];
  /** By path of the place. */
  readonly counts: Readonly<Record<string, PlaceCount>>;
}
