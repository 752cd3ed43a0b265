/** What a page gets to bring a live region up to date. */
export interface LiveRegion {
  /** All of it, rows included. */
  readonly html?: string;
  /** The HTML of rows that have changed, by key; rows that the page does not show are for others. */
  readonly rows?: Readonly<Record<string, string>>;
  /** The keys of its list in their order; absent: as before. */
  readonly keys?: readonly string[];
}

/** What has changed on a page: an event's text has it as JSON, or as gzip in base64. */
export interface LiveUpdate {
  readonly regions: Readonly<Record<string, LiveRegion>>;
  /** Rows that are nowhere any more. */
  readonly gone: readonly string[];
}
