import type { ExaminationRequest } from "@jobtrigger/shared/operations";
import { inspectDirectories } from "@jobtrigger/shared/scripts";
import { systemClock } from "@jobtrigger/shared/time";
import type { Portal } from "./portal.ts";

/** What the portal's machine adds to an examination of the installation. */
export async function ownExamination(
  { config }: Pick<Portal, "config">,
  { withSizes }: Pick<ExaminationRequest, "withSizes">,
): Promise<ExaminationRequest> {
  return { directories: await inspectDirectories(config.scriptsDirs), localNow: systemClock.now, withSizes };
}
