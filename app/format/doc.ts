/** A part of a page of the documentation: what its heading stands over, up to the next heading. */
export interface DocSection {
  /** The anchor of its heading; empty: what stands before the first. */
  readonly id: string;
  readonly title: string;
  /** 2 for a chapter, 3 for a part of one. */
  readonly level: number;
  /** Its words, without marks, for the search. */
  readonly text: string;
}

/** A page of the documentation, as the build has written it. */
export interface Doc {
  /** Its name in addresses: the path of its file, with hyphens. */
  readonly slug: string;
  readonly title: string;
  /** Everything below the title. */
  readonly html: string;
  readonly sections: readonly DocSection[];
}

/** Some pages of the documentation that belong together. */
export interface DocGroup {
  readonly title: string;
  readonly entries: readonly DocEntry[];
}

/** A page in the list of all. */
export interface DocEntry {
  /** Its file, from `docs/`. */
  readonly path: string;
  /** Where the portal shows it. */
  readonly href: string;
  readonly title: string;
  /** A few words; empty where the title says it. */
  readonly about: string;
}
