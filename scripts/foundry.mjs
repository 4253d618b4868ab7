// Runs a tool of Foundry from its npm package: `node scripts/foundry.mjs forge test`. The packages' own launchers obey an
// environment variable that names another tool, and hide signals; the native file does neither.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

export const repository = fileURLToPath(new URL("..", import.meta.url));

/** Path of the native `forge`, `cast` or `anvil` for this machine. */
export function foundryBinary(tool) {
  const platform = `${process.platform}-${process.arch.replace("x64", "amd64")}`;
  const file = `@foundry-rs/${tool}-${platform}/bin/${tool}${process.platform === "win32" ? ".exe" : ""}`;
  return createRequire(import.meta.url).resolve(file);
}

/** Runs `tool` in the repository's root and returns its exit code. */
export function foundry(tool, ...args) {
  return spawnSync(foundryBinary(tool), args, { cwd: repository, stdio: "inherit" }).status ?? 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [tool, ...args] = process.argv.slice(2);
  process.exitCode = foundry(tool, ...args);
}
