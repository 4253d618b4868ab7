// Generates ABIs and bytecode of the contracts for TypeScript, so that nothing compiles Solidity at run time.
//   node scripts/contracts.mjs            compile and write
//   node scripts/contracts.mjs --check    compile and compare with what is committed
//   node scripts/contracts.mjs --hash     print the hash of the sources, without compiling
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { foundry, repository as root } from "./foundry.mjs";

const sourceRoot = "contracts/src";
const target = join(root, "packages/protocol/src/contracts/generated");
/** Contracts of libraries that the protocol deploys as they are: [source, name]. */
const foreign = [["node_modules/@openzeppelin/contracts/proxy/transparent/ProxyAdmin.sol", "ProxyAdmin"]];
/** Folders whose contracts are placed into a genesis as runtime code. */
const genesisFolders = ["contracts/src/l2/", "contracts/src/proxy/", "node_modules/"];
/** Folders whose contracts nobody deploys by their creation code. */
const genesisOnlyFolders = ["contracts/src/l2/"];

const solidityFiles = () =>
  readdirSync(join(root, sourceRoot), { recursive: true })
    .map((file) => `${sourceRoot}/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".sol"))
    .toSorted((a, b) => (a < b ? -1 : 1));

/** sha256 over every source, the compiler's settings and the versions of what they use. */
function sourceHash() {
  const hash = createHash("sha256");
  const { devDependencies } = JSON.parse(readFileSync(join(root, "contracts/package.json"), "utf8"));
  const settings = readFileSync(join(root, "foundry.toml"), "utf8")
    .split("\n")
    .filter((line) => /^(evm_version|optimizer|optimizer_runs|via_ir|bytecode_hash|cbor_metadata)\b/.test(line));
  hash.update(JSON.stringify([devDependencies, settings]));
  for (const file of solidityFiles()) hash.update(`\0${file}\0${readFileSync(join(root, file), "utf8")}`);
  return hash.digest("hex");
}

/** Artifact of a deployable contract with functions, or undefined for interfaces, libraries and abstract contracts. */
function deployable(source, name) {
  const file = join(root, "contracts/out", basename(source), `${name}.json`);
  if (!existsSync(file)) return undefined;
  const artifact = JSON.parse(readFileSync(file, "utf8"));
  const callable = artifact.abi.some((entry) => ["function", "receive", "fallback"].includes(entry.type));
  return callable && artifact.bytecode.object !== "0x" ? artifact : undefined;
}

const withoutInternalTypes = (value) =>
  Array.isArray(value)
    ? value.map(withoutInternalTypes)
    : value !== null && typeof value === "object"
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([key]) => key !== "internalType")
            .map(([key, entry]) => [key, withoutInternalTypes(entry)]),
        )
      : value;

const lowerFirst = (name) => name.replace(/^[A-Z]+(?=[A-Z][a-z]|\d|$)|^[A-Z]/, (start) => start.toLowerCase());
const within = (folders, source) => folders.some((folder) => source.startsWith(folder));

function moduleOf(source, name, artifact) {
  const { bytecode, deployedBytecode } = artifact;
  const prefix = lowerFirst(name);
  const places = Object.values(deployedBytecode.immutableReferences ?? {}).flat();
  if (bytecode.object.includes("__$")) throw new Error(`${name} needs a linked library`);
  if (within(genesisOnlyFolders, source) && places.length > 0)
    throw new Error(`${name} has immutables, which a genesis implementation cannot have`);
  const lines = [
    `// Generated from ${source} by \`npm run contracts\`. Do not edit.`,
    `export const ${prefix}Abi = ${JSON.stringify(withoutInternalTypes(artifact.abi))} as const;`,
  ];
  if (!within(genesisOnlyFolders, source))
    lines.push(
      "/** Creation code, without constructor arguments. */",
      `export const ${prefix}Bytecode = "${bytecode.object}" as const;`,
    );
  if (within(genesisFolders, source))
    lines.push(
      "/** Code as it stands on chain. */",
      `export const ${prefix}Runtime = "${deployedBytecode.object}" as const;`,
    );
  if (places.length > 0 && within(genesisFolders, source))
    lines.push(
      "/** Where the runtime code holds its immutable: byte offset and length. */",
      `export const ${prefix}Immutable = ${JSON.stringify(places.map(({ start, length }) => ({ start, length })))} as const;`,
    );
  return `${lines.join("\n")}\n`;
}

/** Name and text of every generated file. */
function generate() {
  const own = solidityFiles().flatMap((source) =>
    [...readFileSync(join(root, source), "utf8").matchAll(/^(?:contract|interface) (\w+)/gm)].map((found) => [
      source,
      found[1],
    ]),
  );
  const files = new Map();
  for (const [source, name] of [...own, ...foreign]) {
    const artifact = deployable(source, name);
    if (artifact) files.set(`${name}.ts`, moduleOf(source, name, artifact));
  }
  const names = [...files.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  files.set(
    "index.ts",
    `// Generated by \`npm run contracts\`. Do not edit.\n${names.map((file) => `export * from "./${file}";\n`).join("")}`,
  );
  files.set(
    "sourceHash.ts",
    `// Generated by \`npm run contracts\`. Do not edit.\n/** sha256 of the Solidity sources that these files were made from. */\nexport const contractsSourceHash = "${sourceHash()}";\n`,
  );
  return files;
}

function write(files) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(target, file), text);
  console.log(`${files.size} files written`);
}

function check(files) {
  const committed = existsSync(target) ? readdirSync(target) : [];
  const different = [...new Set([...files.keys(), ...committed])].filter(
    (file) => !committed.includes(file) || files.get(file) !== readFileSync(join(target, file), "utf8"),
  );
  if (different.length === 0) return console.log(`${files.size} generated files match their sources`);
  console.error(`Generated contract files are out of date: ${different.join(", ")}. Run \`npm run contracts\`.`);
  process.exitCode = 1;
}

if (process.argv.includes("--hash")) {
  console.log(sourceHash());
} else {
  if (foundry("forge", "build", "--skip", "test", "--quiet") !== 0) process.exit(1);
  (process.argv.includes("--check") ? check : write)(generate());
}
