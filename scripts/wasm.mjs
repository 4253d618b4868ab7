// Builds the kernels as WebAssembly files that lie in the packages using them.
// `node scripts/wasm.mjs` writes the files and their locks; `--check` rebuilds and compares with the locks.
// A kernel's name among the arguments leaves the others alone.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const target = process.env.CARGO_TARGET_DIR ?? `${root}/target`;
const kernels = [
  { crate: "mvm", folder: "packages/mvm/wasm", triple: "wasm32-unknown-unknown", options: ["--features", "wasm"] },
  { crate: "bft", folder: "packages/committee/wasm", triple: "wasm32-wasip1", options: [] },
];
/** All in every engine since 2021: Node 16, Safari 15. */
const features = "+bulk-memory,+mutable-globals,+nontrapping-fptoint,+sign-ext";

/** Standard output of a command, or undefined when it is not there or fails. */
function output(command, args) {
  const run = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

/** Flags that keep this machine's paths out of the file. */
function rustFlags() {
  const cargoHome = process.env.CARGO_HOME ?? `${homedir()}/.cargo`;
  const remap = [
    [homedir(), "/home"],
    [`${cargoHome}/registry/src`, "/registry"],
    [root, "/workspace"],
    [output("rustc", ["--print", "sysroot"]), "/sysroot"],
  ];
  const paths = remap.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  return [`-Ctarget-feature=${features}`, "-Clink-arg=-zstack-size=4194304", ...paths];
}

/** Bytes of the built module, or exits as cargo did. */
function build({ crate, triple, options }) {
  const args = ["rustc", "--locked", "--release", "--lib", "-p", crate, ...options, "--target", triple];
  const run = spawnSync("cargo", [...args, "--crate-type", "cdylib"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, CARGO_TARGET_DIR: target, CARGO_ENCODED_RUSTFLAGS: rustFlags().join("\u001F") },
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
  return readFileSync(`${target}/${triple}/release/${crate}.wasm`);
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

function write(kernel) {
  const { crate, folder } = kernel;
  const wasm = build(kernel);
  const packed = brotliCompressSync(wasm, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
    },
  });
  const lock = { sha256: sha256(wasm), bytes: wasm.length, toolchain: output("rustc", ["--version"]), features };
  writeFileSync(`${root}/${folder}/${crate}.wasm.br`, packed);
  writeFileSync(`${root}/${folder}/${crate}.lock.json`, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${crate}: ${wasm.length} bytes, ${packed.length} packed, sha256 ${lock.sha256}`);
}

function check(kernel) {
  const { crate, folder } = kernel;
  const lock = JSON.parse(readFileSync(`${root}/${folder}/${crate}.lock.json`, "utf8"));
  const stored = sha256(brotliDecompressSync(readFileSync(`${root}/${folder}/${crate}.wasm.br`)));
  const built = sha256(build(kernel));
  if (stored === lock.sha256 && built === lock.sha256) return console.log(`${crate}: as locked, ${built}`);
  console.error(`${crate}: locked ${lock.sha256}, stored ${stored}, built ${built}. Run \`npm run wasm\`.`);
  process.exitCode = 1;
}

if (!output("cargo", ["--version"])) {
  console.error("cargo is not installed: the committed files are used as they are. Get it from https://rustup.rs.");
  process.exit(process.argv.includes("--check") ? 0 : 1);
}
const only = process.argv.find((argument) => kernels.some(({ crate }) => crate === argument));
const wanted = kernels.filter(({ crate }) => only === undefined || crate === only);
wanted.forEach(process.argv.includes("--check") ? check : write);
