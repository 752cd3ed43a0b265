/**
 * What programs say in headers.
 *
 * @module
 */
import { z } from "zod";
import type { Parameters } from "./query.ts";

/** The key under which a request is carried out once. */
export const idempotencyHeaders: Parameters<{ readonly "idempotency-key"?: string | undefined }> = z.strictObject({
  "idempotency-key": z.string().regex(/^[\x21-\x7e]{1,64}$/, { error: "expected 1 to 64 visible ASCII characters" })
    .optional().meta({ description: "the same key is carried out once, however often it is sent" }),
});

/** The revision that a change was made on. */
export const conditionHeaders: Parameters<{ readonly "if-match"?: string | undefined }> = z.strictObject({
  "if-match": z.string().regex(/^(?:\*|"\d{1,15}")$/, { error: 'expected an ETag such as "3", or *' })
    .optional().meta({ description: "the ETag of the job that is changed, or * for whatever is there" }),
});

/** The part of a text to answer. */
export const rangeHeaders: Parameters<{ readonly range?: string | undefined }> = z.strictObject({
  range: z.string().optional().meta({ description: "bytes=0-99, bytes=100- or bytes=-100" }),
});

/** Where a stream goes on. */
export const lastEventHeaders: Parameters<{ readonly "last-event-id"?: string | undefined }> = z.strictObject({
  "last-event-id": z.string().optional().meta({ description: "the id of the last event that came" }),
});
