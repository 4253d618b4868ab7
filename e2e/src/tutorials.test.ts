// Runs the sh blocks of docs/tutorials as a reader would, against a devnet on other ports.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePorts } from "@metis/runtime";
import { castBinary, metisCommand, startDevnet, type RunningDevnet } from "@metis/testing";

const folder = fileURLToPath(new URL("../../docs/tutorials/", import.meta.url));
const tutorials = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md");

const blocksOf = (markdown: string): string[] =>
  [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);

suite("tutorials", { skip: process.platform === "win32" }, () => {
  const root = mkdtempSync(join(tmpdir(), "metis-tutorials-"));
  let devnet: RunningDevnet;
  before(async () => {
    devnet = await startDevnet(join(root, ".devnet"), ["--seats", "4"]);
  });
  after(async () => {
    await devnet?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** What stands for the launcher and for tools in PATH: the same programs, started without them. */
  const prelude = (): string => {
    const { file, args } = metisCommand;
    const metis = [file, ...args].map((word) => `"${word}"`).join(" ");
    return [
      "set -euo pipefail",
      // Jobs as in a terminal: `kill %1` reaches all of a job.
      "set -m",
      // npm run --silent metis -- ARGUMENTS
      `npm() { [ "$1 $2 $3 $4" = "run --silent metis --" ] || exit 9; shift 4; exec_metis "$@"; }`,
      `exec_metis() { ${metis} "$@"; }`,
      // npx cast ARGUMENTS
      `npx() { [ "$1" = cast ] || exit 9; shift; "${castBinary()}" "$@"; }`,
      `node() { "${file}" "$@"; }`,
      "trap 'for job in $(jobs -p); do kill -- -$job 2>/dev/null || true; done' EXIT",
    ].join("\n");
  };

  for (const name of tutorials)
    test(`${name} works as it stands`, async () => {
      const { l1, l2 } = devnet.summary;
      const [replicaPort] = await freePorts(1);
      const script = blocksOf(readFileSync(join(folder, name), "utf8"))
        .join("\n")
        .replaceAll("http://127.0.0.1:8545", l1.rpc)
        .replaceAll("http://127.0.0.1:9545", l2.rpc[0]!)
        .replaceAll("9600", String(replicaPort));
      assert.ok(script.length > 0, `${name} has no commands`);
      const error = await new Promise<string | undefined>((done) => {
        execFile("bash", ["-c", `${prelude()}\n${script}`], { cwd: root }, (failure, stdout, stderr) =>
          done(failure ? `${failure.message}\n${stdout}\n${stderr}` : undefined),
        );
      });
      assert.equal(error, undefined);
    });
});
