/**
 * The mark of a run, which each of its processes carries in its environment. The worker finds a run's processes by it, and
 * another worker does when this one has died. The name of a worker's cgroup holds the same facts.
 *
 * @module
 */

/** The worker process that started a run, identified among all processes of the machine until the next boot. */
export interface Owner {
  /** Which database it works for: workers of one installation agree on it. */
  readonly installation: string;
  /** The pid namespace, because a container has its own pids; 0: unknown. */
  readonly namespace: number;
  readonly pid: number;
  readonly startTicks: number;
}

/** The facts of a mark. */
export interface RunMark {
  readonly owner: Owner;
  readonly dispatchId: number;
}

/** The mark of a run of `owner`. The epoch tells apart two claims of one dispatch. */
export function formatMark(
  { installation, namespace, pid, startTicks }: Owner,
  claim: { readonly dispatchId: number; readonly epoch: number },
): string {
  return [installation, namespace, pid, startTicks, claim.dispatchId, claim.epoch].join(":");
}

/** Reads a mark; null when it is none. */
export function parseMark(mark: string): RunMark | null {
  const [, installation = "", namespace, pid, startTicks, dispatch] =
    /^([0-9a-f]+):(\d+):(\d+):(\d+):(\d+):(\d+)$/.exec(mark) ?? [];
  if (installation === "") return null;
  return {
    owner: { installation, namespace: Number(namespace), pid: Number(pid), startTicks: Number(startTicks) },
    dispatchId: Number(dispatch),
  };
}

/** Name of the cgroup that holds the cgroups of all runs of `owner`. */
export function cgroupName({ installation, namespace, pid, startTicks }: Owner): string {
  return `jobtrigger-${[installation, namespace, pid, startTicks].join("-")}`;
}

/** The workers of whose runs a process is part, by the path of its cgroup: several when a script has started a worker. */
export function cgroupOwners(path: string): readonly Owner[] {
  return [...path.matchAll(/(?<=\/|^)jobtrigger-([0-9a-f]+)-(\d+)-(\d+)-(\d+)(?=\/)/g)]
    .map(([, installation = "", namespace, pid, startTicks]) => ({
      installation,
      namespace: Number(namespace),
      pid: Number(pid),
      startTicks: Number(startTicks),
    }));
}
