/**
 * Why runs are cancelled, as rows have it.
 *
 * @module
 */
import { z } from "zod";
import { type Cancel, CANCEL_REASONS, cancelSentence } from "../domain/cancel.ts";
import type { CancelRequest } from "./queue_store.ts";
import { ofDispatch } from "./rows.ts";

const cancelRow = z.object({ cancel_reason: z.enum(CANCEL_REASONS).nullable(), cancelled_for: ofDispatch.nullable() });

/** Why a run is cancelled: the columns `cancel_reason` and `cancelled_for`. Null: nobody asked for it. */
export function toCancel(row: unknown): Cancel | null {
  const { cancel_reason: reason, cancelled_for: forRun } = cancelRow.parse(row);
  if (reason !== "overlap") return reason === null ? null : { reason };
  if (forRun === null) {
    throw new TypeError("A run is cancelled by the overlap policy, but its row does not say for which");
  }
  return { reason, forRun };
}

/** The columns of `cancel`. */
export function cancelColumns(
  cancel: Cancel,
): { readonly cancelReason: Cancel["reason"]; readonly cancelledFor: number | null } {
  return { cancelReason: cancel.reason, cancelledFor: cancel.reason === "overlap" ? cancel.forRun : null };
}

/**
 * The message of a cancelled run: the reason, then what its worker `added`. Rows written before there were reasons hold the whole
 * message in `added`.
 */
export function cancelMessage(cancel: Cancel | null, added: string | null): string | null {
  const parts = [cancel === null ? null : cancelSentence(cancel), added].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join("; ");
}

const requestRow = z.object({ id: ofDispatch });

/** The held attempts that are to be cancelled: `id` and the columns of why. */
export function toCancelRequests(rows: readonly unknown[]): readonly CancelRequest[] {
  return rows.map((row) => ({
    dispatchId: requestRow.parse(row).id,
    cancel: toCancel(row) ?? { reason: "request" },
  }));
}
