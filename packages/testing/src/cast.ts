import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";

const platforms: Readonly<Record<string, string>> = {
  "linux-x64": "cast-linux-amd64/bin/cast",
  "linux-arm64": "cast-linux-arm64/bin/cast",
  "darwin-x64": "cast-darwin-amd64/bin/cast",
  "darwin-arm64": "cast-darwin-arm64/bin/cast",
  "win32-x64": "cast-win32-amd64/bin/cast.exe",
};

/** The native file: the package's own launcher obeys a variable that may name another tool. */
export function castBinary(): string {
  const platform = `${process.platform}-${process.arch}`;
  return createRequire(import.meta.url).resolve(`@foundry-rs/${platforms[platform] ?? platform}`);
}

/** Runs Foundry's `cast` and gives its standard output. Throws with its standard error. */
export async function cast(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(castBinary(), args);
  return stdout.trim();
}
