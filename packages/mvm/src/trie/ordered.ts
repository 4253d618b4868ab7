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

/** RLP of the nodes from the one over `entries` down to `path`, without those that lie inside of another. */
function* nodesTo(path: Uint8Array, entries: readonly Entry[], depth: number): Generator<Uint8Array> {
  const rlp = encodeRlp(nodeOver(entries, depth));
  if (depth === 0 || rlp.length >= 32) yield rlp;
  const shared = sharedLength(entries, depth);
  if (entries.length > 1 && shared > 0) yield* nodesTo(path, entries, depth + shared);
  else if (entries.length > 1 && depth < path.length) {
    const below = entries.filter((entry) => entry.path[depth] === path[depth]);
    yield* nodesTo(path, below, depth + 1);
  }
}

const entriesOf = (values: readonly Uint8Array[]): readonly Entry[] =>
  values.map((value, index) => ({ path: nibblesOf(encodeRlp(index)), value }));

/** Root of the trie that a header names for a list: value i under rlp(i) (Yellow Paper, 4.3.2). */
export function orderedRoot(values: readonly Uint8Array[]): Uint8Array {
  if (values.length === 0) return emptyTrieRoot;
  return keccak256(encodeRlp(nodeOver(entriesOf(values), 0)), "bytes");
}

/**
 * Proof that `values[index]` is in the trie of `orderedRoot`: RLP of its nodes, the root first. Throws `RangeError` for a value that is
 * not there.
 */
export function orderedProof(values: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  if (values[index] === undefined) throw new RangeError(`there is no value ${index} of ${values.length}`);
  const entries = entriesOf(values);
  return [...nodesTo(entries[index]!.path, entries, 0)];
}
