// Processor time of this process, of its running thread and of others.
import { readdirSync, readFileSync } from "node:fs";

/** Processor time of all threads of this process, in milliseconds. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Processor time of the running thread, in milliseconds. */
export function threadCpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Processor time of each thread of a process in nanoseconds, by thread id. Empty where there is no /proc. */
function threadTimes(pid: number): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      try {
        times.set(thread, Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ", 1)[0]));
      } catch {
        // It ended between the two reads.
      }
    }
  } catch {
    // Not Linux.
  }
  return times;
}

/** Processor time of this process's threads in milliseconds, by their names. Empty where there is no /proc. */
export function cpuByThread(): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [thread, time] of threadTimes(process.pid)) {
    const name = readFileSync(`/proc/self/task/${thread}/comm`, "utf8").trim();
    sums.set(name, (sums.get(name) ?? 0) + time / 1e6);
  }
  return sums;
}

/**
 * Counts the processor time of another process between two moments, to the nanosecond: /proc/<pid>/stat counts in hundredths of a
 * second. What a thread did in its last moments is lost when it ends in between.
 */
export class CpuMeter {
  readonly #pid: number;
  #last: ReadonlyMap<string, number>;

  constructor(pid: number) {
    this.#pid = pid;
    this.#last = threadTimes(pid);
  }

  /** Milliseconds since the last lap; NaN where there is no /proc. */
  lap(): number {
    const now = threadTimes(this.#pid);
    let sum = now.size === 0 ? Number.NaN : 0;
    for (const [thread, time] of now) sum += time - (this.#last.get(thread) ?? 0);
    this.#last = now;
    return sum / 1e6;
  }
}
