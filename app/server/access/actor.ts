/** Who sends a request. */
export interface Actor {
  /** What the log calls them. */
  readonly name: string;
}

/** The person who opened the address that the portal printed. */
export const LOCAL_ADMINISTRATOR: Actor = { name: "local administrator" };
