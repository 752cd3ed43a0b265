/**
 * Why runs are cancelled, as rows have it.
 *
 * @module
 */
import { z } from "zod";
import { type Cancel, CANCEL_REASONS, cancelSentence } from "../domain/cancel.ts";
import { dispatchId } from "../domain/brand.ts";
import { numberIn, oneIn, orNull } from "./columns.ts";
import type { CancelRequest } from "./queue_store.ts";
import { ofDispatch, type Row } from "./rows.ts";

/** Why a run is cancelled: the columns `cancel_reason` and `cancelled_for`. Null: nobody asked for it. */
export function toCancel(row: Row): Cancel | null {
  const reason = orNull(row, "cancel_reason", reasonIn);
  if (reason !== "overlap") return reason === null ? null : { reason };
  const forRun = orNull(row, "cancelled_for", numberIn);
  if (forRun === null) {
    throw new TypeError("A run is cancelled by the overlap policy, but its row does not say for which");
  }
  return { reason, forRun: dispatchId(forRun) };
}

function reasonIn(row: Row, column: string): Cancel["reason"] {
  return oneIn(row, column, CANCEL_REASONS);
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
export function toCancelRequests(rows: readonly Row[]): readonly CancelRequest[] {
  return rows.map((row) => ({
    dispatchId: requestRow.parse(row).id,
    cancel: toCancel(row) ?? { reason: "request" },
  }));
}
