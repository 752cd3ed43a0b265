/**
 * Services that die, hang and restart at random, by a seed.
 *
 * @module
 */
import { Service, type Task } from "../support/process.ts";
import type { Random } from "../support/random.ts";

/** The seed that CHAOS_SEED names, to repeat a run; else a new one. */
export function chaosSeed(): number {
  const given = Deno.env.get("CHAOS_SEED");
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
}

const HAS_STARTED = /has started/;
/** How many of the last lines of each service a failure shows. */
const LAST_LINES = 30;

/** One service, which is started again at once when it dies. */
interface Post {
  readonly task: Task;
  service: Service;
  isStopped: boolean;
}

/** Services of one site, any of which may be hit. */
export class Fleet implements AsyncDisposable {
  readonly #env: Readonly<Record<string, string>>;
  readonly #random: Random;
  readonly #posts: Post[] = [];
  readonly #all: Pick<Post, "task" | "service">[] = [];
  readonly #ended = new Set<Service>();
  readonly #events: string[] = [];

  constructor(env: Readonly<Record<string, string>>, random: Random) {
    this.#env = env;
    this.#random = random;
  }

  /** Starts `count` services more, and waits for them. */
  async add(task: Task, count: number): Promise<void> {
    const services = await Promise.all(Array.from({ length: count }, () => this.#start(task)));
    await Promise.all(services.map((service) => service.line(HAS_STARTED)));
    for (const service of services) this.#posts.push({ task, service, isStopped: false });
  }

  /** The faults so far and the last lines of each service, for a failure's message. */
  get story(): string {
    const tails = this.#all.map(({ task, service }) =>
      `${nameOf(task, service)}:${service.lines.slice(-LAST_LINES).map((line) => `\n  ${line}`).join("")}`
    );
    return [...this.#events, ...tails].join("\n");
  }

  /**
   * One service dies or hangs, or one that hangs goes on. At most half of a kind hang at once.
   * @throws {Error} when one has ended by itself.
   */
  async hit(): Promise<void> {
    this.#assertAlive();
    const post = this.#random.pick(this.#posts);
    const alike = this.#posts.filter(({ task }) => task === post.task);
    const mayStop = alike.filter(({ isStopped }) => isStopped).length < Math.floor(alike.length / 2);
    if (this.#random.chance(0.5)) await this.#replace(post);
    else if (post.isStopped) this.#goOn(post);
    else if (mayStop) this.#stop(post);
    else await this.#replace(post);
  }

  /** Continues the services that hang. @throws {Error} as {@linkcode hit} does. */
  goOn(): void {
    this.#assertAlive();
    for (const post of this.#posts) if (post.isStopped) this.#goOn(post);
  }

  /**
   * Tells all to stop, once each has started: a process that does not listen for SIGTERM yet dies of it. Answers those that did
   * not end with code 0. @throws {Error} as {@linkcode hit} does.
   */
  async end(): Promise<readonly string[]> {
    this.goOn();
    await Promise.all(this.#posts.map(({ service }) => service.line(HAS_STARTED)));
    for (const { service } of this.#posts) service.kill("SIGTERM");
    const ends = await Promise.all(this.#posts.map(async ({ task, service }) => {
      const { code, signal } = await service.ended();
      return code === 0 ? [] : [`${nameOf(task, service)} ended with ${signal ?? code}`];
    }));
    return ends.flat();
  }

  /** The lines of all services, dead ones included, that match. */
  said(pattern: RegExp): readonly string[] {
    return this.#all.flatMap(({ service }) => service.lines.filter((line) => pattern.test(line)));
  }

  /** Kills them all. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map(({ service }) => service[Symbol.asyncDispose]()));
  }

  #assertAlive(): void {
    const dead = this.#posts.find(({ service }) => this.#ended.has(service));
    if (dead === undefined) return;
    throw new Error(`${nameOf(dead.task, dead.service)} has ended by itself`);
  }

  async #start(task: Task): Promise<Service> {
    const service = await Service.start(task, this.#env);
    this.#all.push({ task, service });
    void service.ended().then(() => this.#ended.add(service));
    return service;
  }

  async #replace(post: Post): Promise<void> {
    this.#note("SIGKILL", post);
    post.service.kill("SIGKILL");
    post.isStopped = false;
    post.service = await this.#start(post.task);
  }

  #stop(post: Post): void {
    this.#note("SIGSTOP", post);
    post.service.kill("SIGSTOP");
    post.isStopped = true;
  }

  #goOn(post: Post): void {
    this.#note("SIGCONT", post);
    post.service.kill("SIGCONT");
    post.isStopped = false;
  }

  #note(signal: Deno.Signal, { task, service }: Post): void {
    this.#events.push(`${new Date().toISOString()} ${signal} to ${nameOf(task, service)}`);
  }
}

function nameOf(task: Task, { pid }: Service): string {
  return `${task} ${pid}`;
}
