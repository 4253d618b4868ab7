// An idle devnet (of --seats N) for an hour (or --minutes N): memory of its processes and size of its folder, sampled, and how both moved.
// One JSON line a sample, then a table of some of them and the verdict. Run: npm run soak
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild, systemClock } from "@metis/runtime";

interface Sample {
  readonly seconds: number;
  /** Resident bytes by role; `devnet` is the supervisor. */
  readonly memory: Readonly<Record<string, number>>;
  /** Bytes by what lies at the top of the folder. */
  readonly disk: Readonly<Record<string, number>>;
}

const clock = systemClock();
const { values } = parseArgs({ options: { minutes: { type: "string", default: "60" }, seats: { type: "string" } } });
const minutes = Number(values.minutes);
const root = mkdtempSync(join(tmpdir(), "metis-soak-"));
const dataDir = join(root, "data");

const residentBytes = (pid: number): number =>
  1024 * Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }));

function sizeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats === undefined ? 0 : stats.blocks * 512;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function take(supervisor: number, began: number): Sample {
  const { processes } = JSON.parse(readFileSync(join(dataDir, "devnet.json"), "utf8")) as {
    processes: readonly { role: string; pid: number }[];
  };
  const roles = [...processes, { role: "devnet", pid: supervisor }];
  return {
    seconds: Math.round((clock.monotonic() - began) / 1000),
    memory: Object.fromEntries(roles.map(({ role, pid }) => [role, residentBytes(pid)])),
    disk: Object.fromEntries(readdirSync(dataDir).map((name) => [name, sizeOf(join(dataDir, name))])),
  };
}

/** Mean of the last quarter less mean of the second quarter, an hour: the first quarter is warming up. */
function perHour(samples: readonly Sample[], part: "memory" | "disk", name: string): number {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const mean = (list: readonly Sample[]): number =>
    list.reduce((sum, sample) => sum + (sample[part][name] ?? 0), 0) / list.length;
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  const hours = (late[0]!.seconds - early[0]!.seconds) / 3600;
  return (mean(late) - mean(early)) / hours;
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** The samples nearest to some minutes as a table: memory of each process, then all of it, and what the folder takes. */
function table(samples: readonly Sample[]): string {
  const roles = Object.keys(samples[0]!.memory);
  const sum = (sizes: Readonly<Record<string, number>>): number =>
    Object.values(sizes).reduce((total, size) => total + size, 0);
  const row = (minute: number): string => {
    const off = ({ seconds }: Sample): number => Math.abs(seconds - 60 * minute);
    const sample = samples.reduce((best, next) => (off(next) < off(best) ? next : best));
    const { memory, disk } = sample;
    const cells = [...roles.map((role) => memory[role] ?? 0), sum(memory), sum(disk)];
    return `| ${minute} | ${cells.map(mebibytes).join(" | ")} |`;
  };
  const heading = ["minute", ...roles, "memory, MiB", "disk, MiB"];
  const wanted = [1, 5, 15, 30, 45, 60].filter((minute) => minute <= minutes);
  return [`| ${heading.join(" | ")} |`, `|${" --- |".repeat(heading.length)}`, ...wanted.map(row)].join("\n");
}

const main = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));
const seats = values.seats === undefined ? [] : ["--seats", values.seats];
const args = [...process.execArgv, main, "devnet", "--data-dir", dataDir, "--port-base", "0", "--json", ...seats];
const devnet = await startChild({ name: "devnet", file: process.execPath, args }, clock);
try {
  await devnet.line(/"ready":true/, 60_000);
  const began = clock.monotonic();
  const samples: Sample[] = [];
  while (clock.monotonic() - began < minutes * 60_000) {
    await clock.sleep(15_000);
    samples.push(take(devnet.pid, began));
    console.log(JSON.stringify(samples.at(-1)));
  }
  const last = samples.at(-1)!;
  const grown = (part: "memory" | "disk"): Record<string, string> =>
    Object.fromEntries(
      Object.keys(last[part]).map((name) => [name, `${(perHour(samples, part, name) / 2 ** 20).toFixed(2)} MiB/h`]),
    );
  console.log(table(samples));
  console.log(JSON.stringify({ minutes, memory: grown("memory"), disk: grown("disk") }));
} finally {
  await devnet.stop(30_000);
  rmSync(root, { recursive: true, force: true });
}
