import { encodeRlp, type RlpInput } from "@metis/protocol";
import { keccak256 } from "viem/utils";
import { emptyTrieRoot } from "./account.ts";
import { nibblesOf } from "./node.ts";

interface Entry {
  readonly path: Uint8Array;
  readonly value: Uint8Array;
}

/** Hex-prefix encoding of a node's path. */
function packPath(path: Uint8Array, isLeaf: boolean): Uint8Array {
  const flag = isLeaf ? 2 : 0;
  const nibbles = path.length % 2 === 1 ? [flag + 1, ...path] : [flag, 0, ...path];
  return Uint8Array.from({ length: nibbles.length / 2 }, (_, i) => (nibbles[2 * i]! << 4) | nibbles[2 * i + 1]!);
}

function sharedLength(entries: readonly Entry[], depth: number): number {
  const [first, ...others] = entries;
  let shared = depth;
  while (shared < first!.path.length && others.every(({ path }) => path[shared] === first!.path[shared])) shared++;
  return shared - depth;
}

/** The node over `entries`, whose paths are equal before `depth`. No path is the beginning of another but the shortest. */
function nodeOver(entries: readonly Entry[], depth: number): RlpInput {
  const [first] = entries;
  if (entries.length === 1) return [packPath(first!.path.subarray(depth), true), first!.value];
  const shared = sharedLength(entries, depth);
  if (shared > 0) {
    const tail = first!.path.subarray(depth, depth + shared);
    return [packPath(tail, false), reference(nodeOver(entries, depth + shared))];
  }
  const children = Array.from({ length: 16 }, (_, nibble): RlpInput => {
    const below = entries.filter(({ path }) => path[depth] === nibble);
    return below.length === 0 ? new Uint8Array() : reference(nodeOver(below, depth + 1));
  });
  return [...children, entries.find(({ path }) => path.length === depth)?.value ?? new Uint8Array()];
}

function reference(node: RlpInput): RlpInput {
  const rlp = encodeRlp(node);
  return rlp.length < 32 ? node : keccak256(rlp, "bytes");
}

/** Root of the trie that a header names for a list: value i under rlp(i) (Yellow Paper, 4.3.2). */
export function orderedRoot(values: readonly Uint8Array[]): Uint8Array {
  if (values.length === 0) return emptyTrieRoot;
  const entries = values.map((value, index) => ({ path: nibblesOf(encodeRlp(index)), value }));
  return keccak256(encodeRlp(nodeOver(entries, 0)), "bytes");
}
