// Imports the snapshot argv[3] with the output root argv[4] into the folder argv[2], and is killed in the phase argv[5].
import type { Hash } from "@metis/protocol";
import { importSnapshot } from "../snapshot/index.ts";

const [dataDir, file, outputRoot, phase] = process.argv.slice(2);
const reach = (reached: string): void => {
  if (reached === phase) process.kill(process.pid, "SIGKILL");
};
await importSnapshot({
  dataDir: dataDir!,
  file: file!,
  outputRoot: outputRoot as Hash,
  onProgress: (progress) => reach(progress.phase),
  check: () => reach("check"),
});
