/**
 * The topics of changes: `schedule` (a job's definition or state), `queue` (something to claim), `cancel` (somebody
 * wants a run stopped).
 */
export const TOPICS = ["schedule", "queue", "cancel"] as const;

/** One of {@linkcode TOPICS}. */
export type Topic = typeof TOPICS[number];

/**
 * Notices when the database may have changed, whoever changed it. A database that does not know the topic of a change counts it
 * under every topic; one that notices no changes leaves it to the fallback polls.
 */
export interface Changes {
  /**
   * Grows with every change, or with every one about a topic; compare, do not calculate. Never throws: a database that cannot
   * be read has changed once, and once more when it can be read again.
   */
  version(topic?: Topic): number;
  /** Resolves once `version(topic)` is beyond `since`, at once if it is already, and when `signal` aborts. Never rejects. */
  after(since: number, signal: AbortSignal, topic?: Topic): Promise<void>;
}
