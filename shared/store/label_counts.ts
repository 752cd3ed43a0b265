/**
 * The labels of jobs with how many have each, by one query for every database. Index: the primary key of job_labels, one step for each
 * label and no more than {@linkcode MOST_LABELLED} entries of it.
 *
 * @module
 */
import { type RawBuilder, sql } from "kysely";
import { type LabelQuery, MOST_LABELLED } from "./job_store.ts";

/** Answers rows with `label` and `n`. */
export function labelsSql({ visible = "all", limit }: LabelQuery): RawBuilder<unknown> {
  if (visible !== "all") {
    const seen = visible.length === 0 ? sql`SELECT label FROM job_labels WHERE false` : sql`
        SELECT label FROM job_labels
        WHERE job_id IN (SELECT job_id FROM job_labels WHERE label IN (${sql.join(visible)})) LIMIT ${
      sql.lit(10 * MOST_LABELLED)
    }`;
    return sql`SELECT label, count(*) AS n FROM (${seen}) s GROUP BY label ORDER BY label LIMIT ${limit}`;
  }
  return sql`
    WITH RECURSIVE known (label) AS (
      SELECT min(label) FROM job_labels
      UNION ALL
      SELECT (SELECT min(label) FROM job_labels WHERE label > known.label) FROM known WHERE known.label IS NOT NULL
    )
    SELECT label, (
      SELECT count(*) FROM (SELECT 1 AS one FROM job_labels l WHERE l.label = known.label LIMIT ${
    sql.lit(MOST_LABELLED)
  }) counted
    ) AS n
    FROM known WHERE label IS NOT NULL LIMIT ${limit}`;
}
