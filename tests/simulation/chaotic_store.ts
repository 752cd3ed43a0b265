import type { EpochMs, WorkerId } from "../../shared/domain/mod.ts";
import type { Changes, ClaimRef, Store } from "../../shared/store/mod.ts";

/** A call of the store, as the referee sees it. */
export interface Call {
  /** Part and method of the store: `queue.claim`. */
  readonly name: string;
  /** Whether it may change something. */
  readonly writes: boolean;
  /** The claims that it names. */
  readonly refs: readonly ClaimRef[];
  /** The worker that calls, where the call names it. */
  readonly workerId: WorkerId | null;
  /** The caller's `now`. */
  readonly now: EpochMs | null;
}

/** Carries calls to the database and answers back, with faults. */
export type Carrier = <Answer>(call: Call, run: () => Promise<Answer>) => Promise<Answer>;

/** The store as one machine reaches it: calls go through `carry`, announcements of changes come from `changes`. */
export function chaoticStore(
  {
    jobs,
    scheduling,
    queue,
    workers,
    services,
    runs,
    logs,
    events,
    statistics,
    users,
    sessions,
    tokens,
    webhooks,
    alerts,
    history,
    bulk,
    views,
    guesses,
    audit,
    diagnostics,
    now,
    tryWrite,
  }: Store,
  { carry, changes }: { readonly carry: Carrier; readonly changes: Changes },
): Store {
  const read = <Answer>(name: string, run: () => Promise<Answer>) => carry(reading(name), run);
  const write = <Answer>(name: string, facts: Partial<Call>, run: () => Promise<Answer>) =>
    carry({ ...reading(name), ...facts, writes: true }, run);
  return {
    changes,
    now: () => read("now", now),
    tryWrite: () => write("tryWrite", {}, tryWrite),
    close: () => Promise.resolve(),
    diagnostics: {
      facts: () => read("diagnostics.facts", () => diagnostics.facts()),
      dispatched: (query) => read("diagnostics.dispatched", () => diagnostics.dispatched(query)),
      sizes: () => read("diagnostics.sizes", () => diagnostics.sizes()),
    },
    jobs: {
      get: (id) => read("jobs.get", () => jobs.get(id)),
      list: (query) => read("jobs.list", () => jobs.list(query)),
      page: (query) => read("jobs.page", () => jobs.page(query)),
      count: (query) => read("jobs.count", () => jobs.count(query)),
      plannedStarts: (query) => read("jobs.plannedStarts", () => jobs.plannedStarts(query)),
      labels: (query) => read("jobs.labels", () => jobs.labels(query)),
      recent: (id, limit) => read("jobs.recent", () => jobs.recent(id, limit)),
      failing: (query) => read("jobs.failing", () => jobs.failing(query)),
      create: (definition, at) => write("jobs.create", { now: at.now }, () => jobs.create(definition, at)),
      update: (id, change) => write("jobs.update", at(change), () => jobs.update(id, change)),
      pause: (id, change) => write("jobs.pause", at(change), () => jobs.pause(id, change)),
      resume: (id, change) => write("jobs.resume", at(change), () => jobs.resume(id, change)),
      remove: (id, change) => write("jobs.remove", at(change), () => jobs.remove(id, change)),
      find: (keyOrName) => read("jobs.find", () => jobs.find(keyOrName)),
      revisions: (id, page) => read("jobs.revisions", () => jobs.revisions(id, page)),
    },
    scheduling: {
      nextDueAt: () => read("scheduling.nextDueAt", () => scheduling.nextDueAt()),
      nextRescueAt: (overdueMs) => read("scheduling.nextRescueAt", () => scheduling.nextRescueAt(overdueMs)),
      dispatchDue: (pass) => write("scheduling.dispatchDue", at(pass), () => scheduling.dispatchDue(pass)),
      rescue: (pass) => write("scheduling.rescue", at(pass), () => scheduling.rescue(pass)),
      markOffline: (since) => write("scheduling.markOffline", {}, () => scheduling.markOffline(since)),
      heal: (pass) => write("scheduling.heal", at(pass), () => scheduling.heal(pass)),
      prune: (pass) => write("scheduling.prune", {}, () => scheduling.prune(pass)),
      pruneSurplus: (pass) => write("scheduling.pruneSurplus", {}, () => scheduling.pruneSurplus(pass)),
    },
    queue: {
      nextAvailableAt: (now) => read("queue.nextAvailableAt", () => queue.nextAvailableAt(now)),
      cancelRequested: (held) => read("queue.cancelRequested", () => queue.cancelRequested(held)),
      claim: (request) => write("queue.claim", by(request), () => queue.claim(request)),
      markStarted: (refs) => write("queue.markStarted", { refs }, () => queue.markStarted(refs)),
      appendLogs: (refs) => write("queue.appendLogs", { refs }, () => queue.appendLogs(refs)),
      finish: (refs) => write("queue.finish", { refs }, () => queue.finish(refs)),
      release: (refs, now) => write("queue.release", { refs, now }, () => queue.release(refs, now)),
      heartbeat: (beat) => write("queue.heartbeat", { ...by(beat), refs: beat.held }, () => queue.heartbeat(beat)),
    },
    workers: {
      list: () => read("workers.list", () => workers.list()),
      register: (identity, now) => write("workers.register", { now }, () => workers.register(identity, now)),
      retire: (id, now) => write("workers.retire", { now }, () => workers.retire(id, now)),
      report: (id, now) => write("workers.report", { now, workerId: id }, () => workers.report(id, now)),
      requestDrain: (id, request) =>
        write("workers.requestDrain", at(request), () => workers.requestDrain(id, request)),
      prune: (pass) => write("workers.prune", at(pass), () => workers.prune(pass)),
    },
    runs: {
      get: (id) => read("runs.get", () => runs.get(id)),
      execution: (id) => read("runs.execution", () => runs.execution(id)),
      list: (query) => read("runs.list", () => runs.list(query)),
      totals: (query) => read("runs.totals", () => runs.totals(query)),
      queue: (query) => read("runs.queue", () => runs.queue(query)),
      taggedGroups: (limit) => read("runs.taggedGroups", () => runs.taggedGroups(limit)),
      attempts: (rootId) => read("runs.attempts", () => runs.attempts(rootId)),
      occurrences: (jobId, span) => read("runs.occurrences", () => runs.occurrences(jobId, span)),
      bars: (query) => read("runs.bars", () => runs.bars(query)),
      barBounds: (span) => read("runs.barBounds", () => runs.barBounds(span)),
      waiting: (jobId) => read("runs.waiting", () => runs.waiting(jobId)),
      unfinished: (jobId) => read("runs.unfinished", () => runs.unfinished(jobId)),
      holders: (key) => read("runs.holders", () => runs.holders(key)),
      backfill: (request) => write("runs.backfill", at(request), () => runs.backfill(request)),
      ledger: (jobId, limit) => read("runs.ledger", () => runs.ledger(jobId, limit)),
      runNow: (request) => write("runs.runNow", at(request), () => runs.runNow(request)),
      cancel: (id, by) => write("runs.cancel", at(by), () => runs.cancel(id, by)),
    },
    logs: {
      read: (id, from) => read("logs.read", () => logs.read(id, from)),
      end: (id) => read("logs.end", () => logs.end(id)),
      find: (id, what) => read("logs.find", () => logs.find(id, what)),
    },
    events: {
      register: (consumer) => write("events.register", {}, () => events.register(consumer)),
      read: (from) => read("events.read", () => events.read(from)),
      commit: (consumer, move) => write("events.commit", {}, () => events.commit(consumer, move)),
      forget: (consumer) => write("events.forget", {}, () => events.forget(consumer)),
      prune: (pass) => write("events.prune", {}, () => events.prune(pass)),
    },
    statistics: {
      rollUp: (pass) => write("statistics.rollUp", {}, () => statistics.rollUp(pass)),
      pruneTallies: (pass) => write("statistics.pruneTallies", {}, () => statistics.pruneTallies(pass)),
      progress: () => read("statistics.progress", () => statistics.progress()),
      series: (query) => read("statistics.series", () => statistics.series(query)),
      ofJobs: (query) => read("statistics.ofJobs", () => statistics.ofJobs(query)),
      ofHosts: (range) => read("statistics.ofHosts", () => statistics.ofHosts(range)),
      ranked: (query) => read("statistics.ranked", () => statistics.ranked(query)),
    },
    users: {
      create: (user, by) => write("users.create", at(by), () => users.create(user, by)),
      get: (id) => read("users.get", () => users.get(id)),
      findByName: (name) => read("users.findByName", () => users.findByName(name)),
      findByExternal: (id) => read("users.findByExternal", () => users.findByExternal(id)),
      list: (query) => read("users.list", () => users.list(query)),
      hasAdmin: () => read("users.hasAdmin", () => users.hasAdmin()),
      credentials: (name) => read("users.credentials", () => users.credentials(name)),
      update: (id, change, by) => write("users.update", at(by), () => users.update(id, change, by)),
      rehash: (id, hash) => write("users.rehash", {}, () => users.rehash(id, hash)),
    },
    services: {
      report: (identity, now) => write("services.report", { now }, () => services.report(identity, now)),
      retire: (serviceId) => write("services.retire", {}, () => services.retire(serviceId)),
      list: () => read("services.list", () => services.list()),
      prune: (pass) => write("services.prune", {}, () => services.prune(pass)),
    },
    sessions: {
      begin: (session, by) => write("sessions.begin", at(by), () => sessions.begin(session, by)),
      find: (secretHash, now) => read("sessions.find", () => sessions.find(secretHash, now)),
      touch: (id, now) => write("sessions.touch", { now }, () => sessions.touch(id, now)),
      list: (userId, now) => read("sessions.list", () => sessions.list(userId, now)),
      revoke: (session, by) => write("sessions.revoke", at(by), () => sessions.revoke(session, by)),
      revokeAll: (userId, by, except) =>
        write("sessions.revokeAll", at(by), () => sessions.revokeAll(userId, by, except)),
      prune: (pass) => write("sessions.prune", at(pass), () => sessions.prune(pass)),
    },
    tokens: {
      create: (token, by) => write("tokens.create", at(by), () => tokens.create(token, by)),
      get: (id) => read("tokens.get", () => tokens.get(id)),
      find: (tokenHash, now) => read("tokens.find", () => tokens.find(tokenHash, now)),
      findAny: (tokenHash) => read("tokens.findAny", () => tokens.findAny(tokenHash)),
      touch: (id, now) => write("tokens.touch", { now }, () => tokens.touch(id, now)),
      list: (query) => read("tokens.list", () => tokens.list(query)),
      revoke: (token, by) => write("tokens.revoke", at(by), () => tokens.revoke(token, by)),
      prune: (pass) => write("tokens.prune", {}, () => tokens.prune(pass)),
    },
    views: {
      save: (view) => write("views.save", at(view), () => views.save(view)),
      list: (owner) => read("views.list", () => views.list(owner)),
      remove: (id, request) => write("views.remove", at(request), () => views.remove(id, request)),
    },
    bulk: {
      create: (request) => write("bulk.create", at(request), () => bulk.create(request)),
      get: (id, owner) => read("bulk.get", () => bulk.get(id, owner)),
      interrupted: (owner, before) => read("bulk.interrupted", () => bulk.interrupted(owner, before)),
      open: (id, limit) => read("bulk.open", () => bulk.open(id, limit)),
      settle: (id, outcomes, now) => write("bulk.settle", { now }, () => bulk.settle(id, outcomes, now)),
      jobs: (id, page) => read("bulk.jobs", () => bulk.jobs(id, page)),
    },
    webhooks: {
      get: (id) => read("webhooks.get", () => webhooks.get(id)),
      list: (jobId) => read("webhooks.list", () => webhooks.list(jobId)),
      find: (publicId) => read("webhooks.find", () => webhooks.find(publicId)),
      create: (webhook, by) => write("webhooks.create", at(by), () => webhooks.create(webhook, by)),
      update: (id, change, by) => write("webhooks.update", at(by), () => webhooks.update(id, change, by)),
      remove: (id, by) => write("webhooks.remove", at(by), () => webhooks.remove(id, by)),
      touch: (id, now) => write("webhooks.touch", { now }, () => webhooks.touch(id, now)),
    },
    alerts: {
      channels: () => read("alerts.channels", () => alerts.channels()),
      createChannel: (channel, by) => write("alerts.createChannel", at(by), () => alerts.createChannel(channel, by)),
      switchChannel: (id, isEnabled, by) =>
        write("alerts.switchChannel", at(by), () => alerts.switchChannel(id, isEnabled, by)),
      removeChannel: (id, by) => write("alerts.removeChannel", at(by), () => alerts.removeChannel(id, by)),
      testChannel: (id, notice, by) => write("alerts.testChannel", at(by), () => alerts.testChannel(id, notice, by)),
      rules: () => read("alerts.rules", () => alerts.rules()),
      createRule: (rule, by) => write("alerts.createRule", at(by), () => alerts.createRule(rule, by)),
      updateRule: (id, change, by) => write("alerts.updateRule", at(by), () => alerts.updateRule(id, change, by)),
      removeRule: (id, by) => write("alerts.removeRule", at(by), () => alerts.removeRule(id, by)),
      incidents: (query) => read("alerts.incidents", () => alerts.incidents(query)),
      incident: (id) => read("alerts.incident", () => alerts.incident(id)),
      acknowledge: (id, by) => write("alerts.acknowledge", at(by), () => alerts.acknowledge(id, by)),
      snooze: (id, until, by) => write("alerts.snooze", at(by), () => alerts.snooze(id, until, by)),
      deliveries: (query) => read("alerts.deliveries", () => alerts.deliveries(query)),
      takeEvents: (pass) => write("alerts.takeEvents", at(pass), () => alerts.takeEvents(pass)),
      watch: (query) => read("alerts.watch", () => alerts.watch(query)),
      lastJob: () => read("alerts.lastJob", () => alerts.lastJob()),
      settle: (looks, now) => write("alerts.settle", { now }, () => alerts.settle(looks, now)),
      testRule: (id, notice, by) => write("alerts.testRule", at(by), () => alerts.testRule(id, notice, by)),
      started: (query) => read("alerts.started", () => alerts.started(query)),
      sendStarts: (runs, now) => write("alerts.sendStarts", { now }, () => alerts.sendStarts(runs, now)),
      sendBeats: (rules, now) => write("alerts.sendBeats", { now }, () => alerts.sendBeats(rules, now)),
      wake: (pass) => write("alerts.wake", at(pass), () => alerts.wake(pass)),
      nextAt: () => read("alerts.nextAt", () => alerts.nextAt()),
      claimDeliveries: (pass) => write("alerts.claimDeliveries", at(pass), () => alerts.claimDeliveries(pass)),
      finishDelivery: (ref, result, now) =>
        write("alerts.finishDelivery", { now }, () => alerts.finishDelivery(ref, result, now)),
      prune: (pass) => write("alerts.prune", {}, () => alerts.prune(pass)),
    },
    history: {
      takeOver: (runs) => write("history.takeOver", { now: runs.now }, () => history.takeOver(runs)),
    },
    audit: {
      list: (query) => read("audit.list", () => audit.list(query)),
      verify: (between) => read("audit.verify", () => audit.verify(between)),
      append: (done, by) => write("audit.append", at(by), () => audit.append(done, by)),
      record: (attempt) => write("audit.record", at(attempt), () => audit.record(attempt)),
      prune: (pass) => write("audit.prune", {}, () => audit.prune(pass)),
    },
    guesses: {
      read: (names) => read("guesses.read", () => guesses.read(names)),
      change: (names, decide) => write("guesses.change", {}, () => guesses.change(names, decide)),
      prune: (pass) => write("guesses.prune", at(pass), () => guesses.prune(pass)),
    },
  };
}

function reading(name: string): Call {
  return { name, writes: false, refs: [], workerId: null, now: null };
}

function at({ now }: { readonly now: EpochMs }): Partial<Call> {
  return { now };
}

function by({ workerId, now }: { readonly workerId: WorkerId; readonly now: EpochMs }): Partial<Call> {
  return { workerId, now };
}
