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
  /** Its name in addresses, as its file is called. */
  readonly slug: string;
  readonly title: string;
  /** Its first sentence. */
  readonly about: string;
  /** Everything below the title. */
  readonly html: string;
  readonly sections: readonly DocSection[];
}
