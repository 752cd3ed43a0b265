import type { AuditFault } from "../domain/mod.ts";

/** In a sentence how an audit list is not what was written. */
export function auditFaultText(id: number, fault: AuditFault): string {
  const texts: Readonly<Record<AuditFault, string>> = {
    changed: `Event ${id} was changed after it was written`,
    missing: `Event ${id} is missing: it was removed`,
    inserted: `Event ${id} was inserted`,
    unlinked: `Event ${id} does not follow from event ${id - 1}: one of the two was replaced`,
  };
  return `The audit list is not intact. ${texts[fault]}`;
}
