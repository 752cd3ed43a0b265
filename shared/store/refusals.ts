/**
 * Errors of the contract, each made here once for every database.
 *
 * @module
 */
import {
  type AlertRuleId,
  type ChannelId,
  Conflict,
  type DispatchId,
  type DispatchStatus,
  type ExternalId,
  type IncidentId,
  Invalid,
  type JobId,
  MAX_ALERT_RULES,
  MAX_CHANNELS,
  MAX_TOKENS,
  MAX_WEBHOOKS,
  NotFound,
  StoreUnavailable,
  type User,
  type UserId,
  type WebhookId,
  type WorkerId,
} from "../domain/mod.ts";

/** No job has this id, or it is deleted. */
export function noJob(id: JobId): NotFound {
  return new NotFound(`There is no job ${id}`);
}

/** No run has this id. */
export function noRun(id: DispatchId): NotFound {
  return new NotFound(`There is no run ${id}`);
}

/** A change was made on a `revision` of the job that is no longer its `current` one. */
export function staleRevision(
  id: JobId,
  { revision, current }: { readonly revision: number; readonly current: number },
): Conflict {
  return new Conflict(
    `Cannot change job ${id}: the change was made on revision ${revision}, it is at ${current} by now`,
  );
}

/** The job `by` has the key already; null: another job had it, which is deleted by now. */
export function keyTaken(key: string, by: JobId | null): Invalid {
  return new Invalid([{
    field: "key",
    message: `found "${key}", which ${
      by === null ? "another job had" : `job ${by} has`
    } already; expected one of its own`,
    code: "taken",
  }]);
}

/** The job's overlap policy has no room for another run. */
export function noRoom(jobId: JobId, unfinished: number): Conflict {
  const earlier = unfinished === 1 ? "an earlier run has not ended" : `${unfinished} earlier runs have not ended`;
  return new Conflict(`Cannot run job ${jobId} now: ${earlier}`);
}

/** A run cannot be cancelled after its end. */
export function hasEnded(id: DispatchId, status: DispatchStatus): Conflict {
  return new Conflict(`Cannot cancel run ${id}: it has ended as ${status}`);
}

/** There is no such worker. */
export function noWorker(id: WorkerId): NotFound {
  return new NotFound(`There is no worker ${id}`);
}

/** Nobody can drain or resume a worker that is no longer there. */
export function hasGone(id: WorkerId): Conflict {
  return new Conflict(`Cannot drain or resume worker ${id}: it has ended`);
}

/** The chunk `found` would leave a gap in the output of a run. */
export function chunkGap(
  id: DispatchId,
  { found, next }: { readonly found: number; readonly next: number },
): RangeError {
  return new RangeError(`Cannot append chunk ${found} to run ${id}: the next is ${next}`);
}

/** The database `where` cannot be used now. */
export function unavailable(where: string, reason: string, cause?: unknown): StoreUnavailable {
  return new StoreUnavailable(`Cannot use the database ${where}: ${reason}`, { cause });
}

/** This process has closed its connection to the database `where`. */
export function isClosed(where: string): StoreUnavailable {
  return unavailable(where, "it was closed here");
}

/** The setting or option `field` names a database, `where`, that cannot be used. */
export function unusable(
  where: string,
  reason: string,
  { field = "DATABASE_URL", cause }: { readonly field?: string; readonly cause?: unknown } = {},
): Invalid {
  const error = new Invalid([{ field, message: `cannot use ${where}: ${reason}` }]);
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** No user has this id. */
export function noUser(id: UserId): NotFound {
  return new NotFound(`There is no user ${id}`);
}

/** A change would leave nobody who can manage users. */
export function lastAdmin({ name }: User): Conflict {
  return new Conflict(
    `Cannot take the role admin from ${name} or disable ${name}: no other administrator could sign in; make one first`,
  );
}

/** A change was made with a password that is no longer the user's. */
export function passwordChanged({ name }: User): Conflict {
  return new Conflict(`Cannot change ${name}: the account got another password meanwhile`);
}

/** The printed address acts only until there is an administrator. */
export function hasAdministrator(): Conflict {
  return new Conflict(
    "Cannot make an account with the printed address: there is an administrator by now; sign in instead",
  );
}

/** Another user has the name. */
export function nameTaken(name: string): Invalid {
  return new Invalid([{
    field: "name",
    message: `found ${JSON.stringify(name)}, which another user has already; expected one of its own`,
    code: "taken",
  }]);
}

/** Another user has the external id. */
export function externalTaken({ issuer, subject }: ExternalId): Invalid {
  return new Invalid([{
    field: "externalId",
    message: `found ${JSON.stringify(subject)} of ${issuer}, which another user has already; expected one of its own`,
    code: "taken",
  }]);
}

/** The user has as many API tokens in force as a user may have. */
export function tooManyTokens(): Invalid {
  const message = `${MAX_TOKENS} API tokens of this user are in force, the most that a user may have; revoke one first`;
  return new Invalid([{ field: "name", message, code: "out_of_range" }]);
}

/** No webhook has this id, or its job is deleted. */
export function noWebhook(id: WebhookId): NotFound {
  return new NotFound(`There is no webhook ${id}`);
}

/** The job has as many webhooks as a job may have. */
export function tooManyWebhooks(id: JobId): Conflict {
  return new Conflict(`Job ${id} has ${MAX_WEBHOOKS} webhooks, the most that a job may have; delete one first`);
}

/** No channel has this id. */
export function noChannel(id: ChannelId): NotFound {
  return new NotFound(`There is no alert channel ${id}`);
}

/** No rule has this id. */
export function noAlertRule(id: AlertRuleId): NotFound {
  return new NotFound(`There is no alert rule ${id}`);
}

/** A rule has no channel that could carry a test. */
export function noEnabledChannel(id: AlertRuleId): Conflict {
  return new Conflict(`Alert rule ${id} has no channel that is there and enabled`);
}

/** No incident has this id. */
export function noIncident(id: IncidentId): NotFound {
  return new NotFound(`There is no incident ${id}`);
}

/** The incident is over, so nobody has to take it on. */
export function incidentEnded(id: IncidentId): Conflict {
  return new Conflict(`Cannot change incident ${id}: it has ended`);
}

/** Another channel has the name. */
export function channelTaken(name: string): Invalid {
  const message = `found ${JSON.stringify(name)}, which another channel has already; expected one of its own`;
  return new Invalid([{ field: "name", message, code: "taken" }]);
}

/** There are as many channels as there may be. */
export function tooManyChannels(): Conflict {
  return new Conflict(`There are ${MAX_CHANNELS} alert channels, the most that there may be; delete one first`);
}

/** There are as many rules as there may be. */
export function tooManyAlertRules(): Conflict {
  return new Conflict(`There are ${MAX_ALERT_RULES} alert rules, the most that there may be; delete one first`);
}
