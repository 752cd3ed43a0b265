/**
 * One simulation: real schedulers, real workers and portals in one process, on one real database, in virtual time. A seed
 * decides the order of all events and the faults. At the end the faults stop, and all work has to drain.
 *
 * @module
 */
import { runScheduler } from "../../services/scheduler/scheduler.ts";
import { runWorker } from "../../services/worker/worker.ts";
import { schedulerConfig, workerConfig } from "../../shared/config/mod.ts";
import { type EpochMs, epochMs, StoreUnavailable, VERSION, workerId } from "../../shared/domain/mod.ts";
import { pauseJob } from "../../shared/operations/mod.ts";
import { ChangeCounter, DatabaseClock, Presence, type Store } from "../../shared/store/mod.ts";
import { operating } from "../support/operating.ts";
import { Random } from "../support/random.ts";
import { CONSUMER, runConsumer } from "./consumer.ts";
import { type Carrier, chaoticStore } from "./chaotic_store.ts";
import type { OpenDatabase, Reach, SimulatedDatabase } from "./databases.ts";
import { type Fate, Faults } from "./faults.ts";
import { listenToLogs, logOf } from "./log.ts";
import { Machine } from "./machine.ts";
import { runPortal } from "./portal.ts";
import { type Patience, Referee, Violation, type Watch } from "./referee.ts";
import { Scripts } from "./scripts.ts";
import { type Gate, gates } from "./statements.ts";
import { Timeline } from "./timeline.ts";

/** The services' settings: the defaults with shorter times, so that a few minutes cover the life of many runs. */
const SETTINGS: Readonly<Record<string, string>> = {
  SCHEDULER_POLL_INTERVAL: "10",
  JOB_TIMEOUT_THRESHOLD: "15",
  MAX_RETRY_ATTEMPTS: "2",
  WORKER_OFFLINE_THRESHOLD: "30",
  WORKER_HEARTBEAT_INTERVAL: "5",
  WORKER_POLL_INTERVAL: "5",
  WORKER_MAX_POLL_INTERVAL: "20",
  WORKER_JOB_TIMEOUT: "20",
  WORKER_DRAIN_SECONDS: "5",
  WORKER_CONCURRENCY: "2",
  // Prune nothing even when a clock is ahead, because the checks need the whole history.
  CLEANUP_RETENTION_DAYS: "36500",
  AUDIT_RETENTION_DAYS: "36500",
  STATISTICS_RETENTION_DAYS: "36500",
};

const SCHEDULER = schedulerConfig((variable) => SETTINGS[variable]);
const WORKER = workerConfig((variable) => SETTINGS[variable]);

/**
 * The sum of a poll or heartbeat, the longest pause after an error, and delays under way. A scheduler that was
 * suspended waits for the length of a lease besides.
 */
const PATIENCE: Patience = {
  passMs: 10_000,
  rescueMs: 52_000,
  loseMs: 17_000,
  timeoutThresholdMs: 15_000,
  maxRetries: 2,
};

/** How long faults happen, and how long the rest may take at most. */
const CHAOS_MS = 90_000;
const CALM_MS = 10_000;
const DRAIN_MS = 1_800_000;
const STOP_MS = 300_000;

/** Before the clocks of Berlin go forward, before they go back, and on an ordinary day. */
const STARTS = ["2026-03-29T00:58:30Z", "2026-10-25T00:58:30Z", "2026-11-24T08:00:00Z"].map((iso) =>
  epochMs(Date.parse(iso))
);

/** The fates that can come between two statements of a call. */
const MIDDLE: Partial<Record<Fate, "cut" | "crash" | "freeze">> = {
  cut: "cut",
  "crash before": "crash",
  "freeze before": "freeze",
};

/** Within this time services measure the database's clock again. */
const MEASURED_MS = 60_000;

type Kind = "scheduler" | "worker" | "portal" | "consumer";

/** A process. */
interface Instance {
  readonly kind: Kind;
  readonly machine: Machine;
  readonly changes: ChangeCounter;
  readonly reach: Reach;
  /** The first signal to stop, and the second. */
  readonly stop: AbortController;
  readonly now: AbortController;
}

/** How many of the last events a violation shows; SIMULATION_TRACE shows all. */
const TRACED = Deno.env.get("SIMULATION_TRACE") === undefined ? 60 : Infinity;

/** Runs the simulation of `seed`. Answers its events. @throws {Violation} with the last events. */
export async function simulate(seed: number, open: OpenDatabase): Promise<readonly string[]> {
  const random = new Random(seed);
  const timeline = new Timeline(random, random.pick(STARTS));
  await using database = await open(timeline);
  try {
    await new Simulation(random, timeline, database).run();
    return timeline.trace;
  } catch (error) {
    const what = error instanceof Violation ? error.message : error instanceof Error ? error.stack : String(error);
    throw new Violation(`${what}\nafter\n  ${timeline.trace.slice(-TRACED).join("\n  ")}`, { cause: error });
  }
}

class Simulation {
  readonly #random: Random;
  readonly #timeline: Timeline;
  readonly #database: SimulatedDatabase;
  readonly #faults: Faults;
  readonly #scripts: Scripts;
  readonly #referee: Referee;
  readonly #instances = new Set<Instance>();
  #started = 0;
  #phase: "chaos" | "calm" | "end" = "chaos";
  #failure: { readonly error: unknown } | null = null;
  #wasClockAhead = false;

  constructor(random: Random, timeline: Timeline, database: SimulatedDatabase) {
    this.#random = random;
    this.#timeline = timeline;
    this.#database = database;
    this.#faults = new Faults(random);
    this.#scripts = new Scripts(random);
    const { witness } = database;
    this.#referee = new Referee({ timeline, witness, scripts: this.#scripts, patience: PATIENCE });
  }

  async run(): Promise<void> {
    listenToLogs((name, { level, message }) => {
      const text = message.map((part) => part instanceof Error ? part.stack : String(part)).join("");
      // Each history has a database of its own, whose name some errors have.
      this.#timeline.note(`${name} says: ${text.replaceAll(/\btest_[0-9a-f]{32}\b/g, "the database")}`);
      if (level === "error" && text.includes("in the worker itself")) this.#fail(new Violation(`${name}: ${text}`));
    });
    await this.#keepEvents();
    for (let count = this.#random.int(1, 3); count > 0; count--) await this.#start("scheduler");
    for (let count = this.#random.int(1, 3); count > 0; count--) await this.#start("worker");
    for (let count = this.#random.int(1, 2); count > 0; count--) await this.#start("portal");
    for (let count = this.#random.int(0, 2); count > 0; count--) await this.#start("consumer");
    this.#disturb();
    this.#setDatabaseClock();
    await this.#until(CHAOS_MS, () => false);
    this.#faults.end();
    this.#phase = "calm";
    for (const instance of this.#of("portal")) instance.stop.abort();
    if (this.#of("scheduler").length === 0) await this.#start("scheduler");
    if (this.#of("worker").length === 0) await this.#start("worker");
    await this.#until(CALM_MS, () => false);
    // A delayed request may still resume a job.
    await this.#until(STOP_MS, () => this.#of("portal").length === 0);
    await this.#pauseAll();
    const isIdle = () => this.#referee.unfinished.length === 0;
    if (!await this.#until(DRAIN_MS, isIdle)) {
      throw new Violation(`Stuck: ${this.#referee.unfinished.map((row) => `run ${row.id} ${row.status}`).join()}`);
    }
    this.#phase = "end";
    for (const instance of this.#instances) instance.stop.abort();
    if (!await this.#until(STOP_MS, () => this.#instances.size === 0)) {
      throw new Violation(`Did not stop after the signal: ${[...this.#instances].map(({ machine }) => machine.name)}`);
    }
    await this.#countAll();
    await this.#referee.atEnd({ wasHealed: this.#wasClockAhead });
  }

  /** Runs for `ms`, or until `isDone`. Answers whether it is done. */
  async #until(ms: number, isDone: () => boolean): Promise<boolean> {
    const end = epochMs(this.#timeline.now + ms);
    while (!isDone()) {
      if (!this.#timeline.isBusy) this.#referee.atRest(this.#of("scheduler").map(({ machine }) => machine));
      if (!await this.#timeline.step(end)) return isDone();
      if (this.#failure !== null) throw this.#failure.error;
    }
    return true;
  }

  #of(kind: Kind): readonly Instance[] {
    return [...this.#instances].filter((instance) => instance.kind === kind && !instance.machine.isDead);
  }

  async #start(kind: Kind): Promise<void> {
    const name = `${kind} ${++this.#started}`;
    const machine = new Machine(name, this.#timeline, this.#faults.skewMs());
    const reach = await this.#database.reach();
    const changes = new ChangeCounter();
    const instance = { kind, machine, changes, reach, stop: new AbortController(), now: new AbortController() };
    const store = chaoticStore(reach.store, { carry: this.#carrierOf(instance), changes });
    this.#instances.add(instance);
    this.#timeline.note(`${name} starts`);
    this.#run(instance, store)
      .catch((error) => error instanceof StoreUnavailable || this.#fail(error))
      .finally(() => this.#gone(instance));
  }

  #run({ kind, machine, stop, now }: Instance, store: Store): Promise<void> {
    const { clock, name } = machine;
    const random = this.#random;
    const databaseClock = new DatabaseClock(store, clock);
    const context = { store, clock, databaseClock, log: logOf(name), random: () => random.next() };
    switch (kind) {
      case "scheduler":
        return runScheduler({ ...context, config: SCHEDULER, presence: presenceOf(name, store) }, stop.signal);
      case "worker": {
        const identity = {
          workerId: workerId(name),
          hostname: name,
          platform: "simulation",
          processId: this.#started,
          version: VERSION,
          tags: [],
          concurrency: WORKER.concurrency,
        };
        const executor = this.#scripts.executorOf(machine);
        return runWorker({ ...context, config: WORKER, identity, executor }, { stop: stop.signal, now: now.signal });
      }
      case "consumer":
        return runConsumer({ store, clock, random, outbox: this.#referee.outbox }, stop.signal);
      case "portal": {
        const trueNow = () => this.#timeline.now;
        return runPortal({ ...context, name, random, referee: this.#referee, trueNow }, stop.signal);
      }
    }
  }

  /** Notes that an instance has ended or died; another may start instead. */
  #gone(instance: Instance): void {
    if (!this.#instances.delete(instance)) return;
    instance.machine.die();
    this.#timeline.note(`${instance.machine.name} is gone`);
    const comesBack = this.#phase === "chaos" ? this.#random.chance(0.9) : instance.kind !== "portal";
    if (!comesBack || this.#phase === "end") return;
    const run = () => this.#phase === "end" ? undefined : this.#start(instance.kind);
    const ms = this.#phase === "chaos" ? this.#random.int(0, 30_000) : 0;
    this.#timeline.after(ms, { actor: null, what: "one more starts", run });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Stops services by their signal now and then. */
  #disturb(): void {
    const stopOne = () => {
      const services = [...this.#of("worker"), ...this.#of("scheduler")];
      if (this.#phase !== "chaos" || services.length === 0) return;
      const instance = this.#random.pick(services);
      const signal = instance.stop.signal.aborted ? instance.now : instance.stop;
      this.#timeline.note(`${instance.machine.name} gets the signal to stop`);
      signal.abort();
      this.#disturb();
    };
    if (this.#random.chance(0.5)) return;
    this.#timeline.after(this.#random.int(1_000, CHAOS_MS), { actor: null, what: "a signal", run: stopOne });
  }

  /** Sets the database's clock ahead for a while. Until the services have measured it again, none counts as free of faults. */
  #setDatabaseClock(): void {
    const wrong = this.#faults.wrongClock();
    if (wrong === null) return;
    const { inMs, aheadMs, forMs } = wrong;
    this.#wasClockAhead = true;
    const set = (ms: number) => {
      this.#timeline.setDatabaseClock(ms);
      this.#timeline.note(`the database's clock is ${ms} ms ahead`);
      for (const { machine } of this.#instances) machine.trouble(this.#in(MEASURED_MS + WORKER.workerOfflineMs));
    };
    this.#timeline.after(inMs, { actor: null, what: "the database's clock goes wrong", run: () => set(aheadMs) });
    this.#timeline.after(inMs + forMs, { actor: null, what: "the database's clock is put right", run: () => set(0) });
  }

  /** Registers the consumers before all events. One never reads, so that no event is pruned. */
  async #keepEvents(): Promise<void> {
    const { store } = await this.#database.reach();
    for (const consumer of [CONSUMER, "referee"]) await store.events.register(consumer);
  }

  /** Counts what the schedulers had not counted when they stopped. */
  async #countAll(): Promise<void> {
    const { store } = await this.#database.reach();
    while (await store.statistics.rollUp({ limit: 100 }) > 0);
  }

  /** Ends the jobs' schedules. */
  async #pauseAll(): Promise<void> {
    const { store } = await this.#database.reach();
    const { now } = this.#timeline;
    for (const { id } of (await store.jobs.list({ limit: 200 })).items) {
      await pauseJob(operating(store, now), { id, note: null });
      await this.#look([{ call: { name: "jobs.pause", writes: true, refs: [], workerId: null, now }, held: null }]);
    }
  }

  /** Carries the calls of one machine to the database and answers back, with the drawn faults. */
  #carrierOf(instance: Instance): Carrier {
    const { machine, reach } = instance;
    const faults = this.#faults;
    return (call, run) =>
      new Promise((resolve, reject) => {
        const fate = faults.fate();
        const [thereMs, backMs] = [faults.delayMs(), faults.delayMs()];
        if (fate !== "answered" || thereMs + backMs > 0) machine.trouble(this.#in(thereMs + backMs));
        const label = `${machine.name}: ${call.name}`;
        const answer = (settle: () => void) =>
          this.#timeline.after(backMs, { actor: machine, what: `${label} answered`, run: settle });
        const fail = () =>
          answer(() => reject(new StoreUnavailable(`Cannot use the database: simulated, ${call.name} was ${fate}`)));
        const isWhole = reach.abandon === null;
        const within = isWhole ? null : MIDDLE[fate] ?? null;
        const carryOut = async () => {
          const watch: Watch = { call, held: null };
          const gate = this.#gateOf(instance, { label, watch, within, at: within === null ? 0 : faults.statement() });
          const [result] = await Promise.allSettled([gates.run(gate, run)]);
          if (isWhole && call.writes) await this.#look([watch]);
          if (result.status === "fulfilled") this.#referee.answered(watch, result.value);
          else if (result.reason instanceof StoreUnavailable) machine.trouble();
          if (fate === "crash after") return this.#crashNow(instance);
          if (fate === "unheard") return void fail();
          if (fate === "late") return;
          if (fate === "freeze after") this.#freeze(machine);
          answer(() => result.status === "fulfilled" ? resolve(result.value) : reject(result.reason));
        };
        const arrive = () => {
          if (fate === "crash before" && isWhole) return this.#crashNow(instance);
          if (fate === "refused" || (fate === "cut" && isWhole)) return void fail();
          return void carryOut().catch((error) => this.#fail(error));
        };
        if (fate === "late") fail();
        if (fate === "freeze before" && isWhole) this.#freeze(machine);
        if (fate === "clock jump") machine.setClock(faults.skewMs());
        const ms = fate === "late" ? faults.lateMs() : thereMs;
        const what = fate === "answered" ? label : `${label} (${fate})`;
        this.#timeline.after(ms, { actor: fate === "freeze before" ? machine : null, what, run: arrive });
      });
  }

  #gateOf(
    instance: Instance,
    { label, watch, within, at }: {
      readonly label: string;
      readonly watch: Watch;
      readonly within: "cut" | "crash" | "freeze" | null;
      readonly at: number;
    },
  ): Gate {
    const { machine } = instance;
    return {
      machine,
      label,
      watch,
      trouble: (statement) => statement === at && within !== null ? within : "none",
      look: (watches) => this.#look(watches.filter(({ call }) => call.writes)),
      crash: () => this.#crash(instance),
      freeze: () => this.#freeze(machine),
    };
  }

  async #look(watches: readonly Watch[]): Promise<void> {
    if (watches.length === 0) return;
    const topics = await this.#referee.look(watches);
    if (topics.length === 0) return;
    for (const { kind, machine, changes } of this.#instances) {
      if (kind === "portal" || this.#faults.isUnnoticed()) continue;
      const run = () => changes.count(topics);
      this.#timeline.after(0, { actor: machine, what: `${machine.name} hears of ${topics}`, run });
    }
  }

  /** Crashes an instance in an event of its own. */
  #crashNow(instance: Instance): void {
    this.#timeline.after(0, { actor: null, what: "a crash", run: () => this.#crash(instance) });
  }

  async #crash(instance: Instance): Promise<void> {
    this.#timeline.note(`${instance.machine.name} crashes`);
    this.#gone(instance);
    await instance.reach.abandon?.();
  }

  #freeze(machine: Machine): void {
    const [ms, isSuspended] = [this.#faults.freezeMs(), this.#random.chance(0.3)];
    this.#timeline.note(`${machine.name} ${isSuspended ? "is suspended" : "stands still"} for ${ms} ms`);
    machine.freeze(ms, { isSuspended });
  }

  #in(ms: number): EpochMs {
    return epochMs(this.#timeline.now + ms);
  }
}

function presenceOf(serviceId: string, { services }: Store): Presence {
  return new Presence(services, { serviceId, kind: "scheduler", hostname: serviceId, processId: 1, version: VERSION });
}
