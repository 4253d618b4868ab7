import { createMPT } from "@ethereumjs/mpt";
import type { L2Genesis } from "@metis/node";
import { predeploys, type Hash, type OutputRootPreimage } from "@metis/protocol";
import { bytesToHex, hexToBytes, keccak256, sha256, toRlp, trim, type Hex } from "viem";

const emptyList = keccak256(toRlp([]));
const emptyTrie = keccak256(toRlp("0x"));
const zero = (length: number): Hex => `0x${"00".repeat(length)}`;

/** A number as RLP has it: minimal, nothing for zero. */
function scalar(value: bigint): Hex {
  const hex = value.toString(16);
  return value === 0n ? "0x" : `0x${hex.length % 2 === 0 ? hex : `0${hex}`}`;
}

/** Root of a Merkle-Patricia trie whose keys are hashed. */
async function trieRoot(entries: readonly (readonly [Hex, Hex])[]): Promise<Hash> {
  if (entries.length === 0) return emptyTrie;
  const trie = await createMPT();
  for (const [key, value] of entries) await trie.put(hexToBytes(keccak256(key)), hexToBytes(value));
  return bytesToHex(trie.root());
}

const storageRoot = async (storage: Readonly<Record<Hex, Hex>> = {}): Promise<Hash> =>
  trieRoot(Object.entries(storage).map(([slot, value]) => [slot as Hex, toRlp(trim(value))] as const));

/** What a genesis block is made of; its roots follow. */
export type GenesisDescription = Pick<L2Genesis, "alloc" | "header">;

/** Roots and hash of an L2 genesis as ethereumjs computes them: the oracle for what the kernel says. */
export async function sealGenesisByOracle(genesis: GenesisDescription): Promise<OutputRootPreimage> {
  const accounts: [Hex, Hex][] = [];
  let messagePasserStorageRoot = emptyTrie;
  for (const [address, account] of Object.entries(genesis.alloc)) {
    const root = await storageRoot(account.storage);
    if (address === predeploys.l2ToL1MessagePasser) messagePasserStorageRoot = root;
    accounts.push([
      address as Hex,
      toRlp([scalar(account.nonce), scalar(account.balance), root, keccak256(account.code ?? "0x")]),
    ]);
  }
  const stateRoot = await trieRoot(accounts);
  const { header } = genesis;
  const blockHash = keccak256(
    toRlp([
      zero(32),
      emptyList,
      header.coinbase,
      stateRoot,
      emptyTrie,
      emptyTrie,
      zero(256),
      "0x",
      "0x",
      scalar(header.gasLimit),
      "0x",
      scalar(header.timestamp),
      header.extraData,
      header.mixHash,
      zero(8),
      scalar(header.baseFeePerGas),
      messagePasserStorageRoot,
      "0x",
      "0x",
      header.parentBeaconBlockRoot,
      sha256("0x"),
    ]),
  );
  return { stateRoot, messagePasserStorageRoot, blockHash };
}
