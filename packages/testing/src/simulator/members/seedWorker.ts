// One thread of a run: takes seeds one after the other.
import { parentPort } from "node:worker_threads";
import { runTask } from "./tasks.ts";
import type { SeedTask } from "./tasks.ts";

parentPort!.on("message", (task: SeedTask) => {
  void runTask(task).then((report) => parentPort!.postMessage(report, []));
});
