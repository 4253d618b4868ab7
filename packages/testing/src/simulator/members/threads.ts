import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { SimulationReport } from "./simulation.ts";
import type { SeedTask } from "./tasks.ts";

/** A run allocates much that dies at once: a larger nursery spares copies of what is about to die. */
const nurseryMb = 64;

/**
 * Runs `tasks` on so many threads; a seed's history is the same on any. `tell` gets the reports in the order of the tasks. What
 * ends a thread is a violation of the seed that it ran.
 */
export async function runOnThreads(
  tasks: Iterator<SeedTask>,
  threads: number,
  tell: (task: SeedTask, report: SimulationReport) => void,
): Promise<void> {
  const done = new Map<number, () => void>();
  let [begun, told] = [0, 0];
  const work = async (): Promise<void> => {
    const thread = new SeedThread();
    for (let next = tasks.next(); next.done !== true; next = tasks.next()) {
      const [place, task] = [begun++, next.value];
      const report = await thread.run(task);
      done.set(place, () => tell(task, report));
      for (let say = done.get(told); say !== undefined; say = done.get(told)) {
        done.delete(told++);
        say();
      }
    }
    await thread.end();
  };
  await Promise.all(Array.from({ length: threads }, work));
}

/** One worker thread, and another one after it failed. */
class SeedThread {
  #worker: Worker | undefined;

  async run(task: SeedTask): Promise<SimulationReport> {
    this.#worker ??= new Worker(new URL("seedWorker.ts", import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: nurseryMb },
    });
    try {
      this.#worker.postMessage(task, []);
      const [report] = (await once(this.#worker, "message")) as [SimulationReport];
      return report;
    } catch (error) {
      this.#worker = undefined;
      return failedReport(task, error);
    }
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
  }
}

const failedReport = ({ seed, members }: SeedTask, error: unknown): SimulationReport => ({
  seed,
  members,
  violations: [`the run ended: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
  signed: 0,
  certificates: 0,
  crashes: 0,
  time: 0,
  batches: 0,
  generations: 0,
  evidence: 0,
  slashed: 0,
});
