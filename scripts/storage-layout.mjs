// Storage layout of every upgradable contract, so that a change that would scramble live storage shows in a diff.
//   node scripts/storage-layout.mjs            write contracts/snapshots/storage.json
//   node scripts/storage-layout.mjs --check    compare with what is committed
// Also refuses an ERC-7201 namespace whose constant is not its formula's value, and one that StorageLayouts.sol lacks.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeAbiParameters, keccak256, pad, stringToHex, toHex } from "viem";
import { foundry, foundryBinary, repository } from "./foundry.mjs";

const snapshot = join(repository, "contracts/snapshots/storage.json");
/** Contracts that keep plain slots from 0, by the name of their stand-in in StorageLayouts.sol. */
const plain = { L1Block: "L1BlockLayout", L2ToL1MessagePasser: "L2ToL1MessagePasserLayout" };

const inspect = (contract) =>
  spawnSync(foundryBinary("forge"), ["inspect", contract, "storageLayout", "--json"], {
    cwd: repository,
    encoding: "utf8",
  });

function layoutOf(contract) {
  let result = inspect(contract);
  if (result.status !== 0) {
    // forge's cache may hold artifacts from before foundry.toml asked for layouts, and does not notice.
    foundry("forge", "build", "--force", "--quiet");
    result = inspect(contract);
  }
  if (result.status !== 0) throw new Error(`forge inspect ${contract}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** Members with their places; structs inside are written out, so that a change deep down shows, too. */
function describe(type, types, seen = []) {
  const { label, members, value, base, key } = types[type];
  if (seen.includes(type)) return label;
  const inner = [...seen, type];
  if (members !== undefined)
    return members.map((member) => ({
      name: member.label,
      slot: Number(member.slot),
      offset: member.offset,
      type: describe(member.type, types, inner),
    }));
  if (value !== undefined) return { key: types[key].label, value: describe(value, types, inner) };
  if (base !== undefined) return { array: label, of: describe(base, types, inner) };
  return label;
}

/** keccak256(abi.encode(uint256(keccak256(id)) - 1)) & ~0xff (ERC-7201). */
function namespaceSlot(id) {
  const inner = BigInt(keccak256(stringToHex(id))) - 1n;
  return pad(toHex(BigInt(keccak256(encodeAbiParameters([{ type: "uint256" }], [inner]))) & ~0xffn), { size: 32 });
}

/** Namespaces annotated in the sources, as Map of struct name to id. */
function namespaces() {
  const found = new Map();
  const folder = join(repository, "contracts/src");
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".sol"))) {
    const source = readFileSync(join(folder, file), "utf8");
    for (const [, id, struct] of source.matchAll(/@custom:storage-location erc7201:(\S+)\s+struct (\w+)/g)) {
      if (!source.includes(namespaceSlot(id))) throw new Error(`${file}: ${id} belongs at ${namespaceSlot(id)}`);
      found.set(struct, id);
    }
  }
  return found;
}

function layouts() {
  const { storage, types } = layoutOf("StorageLayouts");
  const byStruct = new Map(storage.map((entry) => [/^t_struct\((\w+)\)/.exec(entry.type)?.[1], entry.type]));
  const result = {};
  for (const [struct, id] of [...namespaces()].toSorted(([, a], [, b]) => (a < b ? -1 : 1))) {
    const type = byStruct.get(struct);
    if (type === undefined) throw new Error(`add ${struct} to contracts/test/base/StorageLayouts.sol`);
    result[id] = { slot: namespaceSlot(id), members: describe(type, types) };
  }
  for (const [name, standIn] of Object.entries(plain)) {
    const layout = layoutOf(standIn);
    const members = layout.storage.map(({ label, slot, offset, type }) => ({
      name: label,
      slot: Number(slot),
      offset,
      type: describe(type, layout.types),
    }));
    result[name] = { slot: pad("0x00", { size: 32 }), members };
  }
  return `${JSON.stringify(result, undefined, 2)}\n`;
}

const current = layouts();
if (!process.argv.includes("--check")) {
  writeFileSync(snapshot, current);
} else if (readFileSync(snapshot, "utf8") !== current) {
  process.stderr.write(
    "The storage layout has changed. If no live contract is upgraded over it: node scripts/storage-layout.mjs\n",
  );
  process.exitCode = 1;
}
