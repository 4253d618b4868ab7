import { decodeRlp, type RlpItem } from "@metis/protocol";
import { equalBytes } from "../bytes.ts";

/** Nodes of Merkle Patricia tries (Yellow Paper, appendix D), read only as far as a walk needs. */
export type TrieNode =
  | { readonly kind: "leaf"; readonly path: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "extension"; readonly path: Uint8Array; readonly child: Reference }
  | { readonly kind: "branch"; readonly children: readonly (Reference | undefined)[] };

/** How a node names a child: by its keccak256, or by the child itself when its RLP is shorter than 32 bytes. */
export type Reference = { readonly hash: Uint8Array } | { readonly inline: TrieNode };

/** RLP of the node at `path` (nibbles, one a byte) whose keccak256 is `hash`. Throws when it is not there. */
export type NodeLookup = (path: Uint8Array, hash: Uint8Array) => Uint8Array;

export class TrieError extends Error {
  override readonly name = "TrieError";
}

const hashLength = 32;

/** Nibbles of `bytes`, one a byte. */
export function nibblesOf(bytes: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(2 * bytes.length);
  for (const [i, byte] of bytes.entries()) {
    nibbles[2 * i] = byte >> 4;
    nibbles[2 * i + 1] = byte & 15;
  }
  return nibbles;
}

/** Undoes the hex-prefix encoding: the nibbles, and whether they end a leaf. */
function readPath(bytes: Uint8Array): { readonly isLeaf: boolean; readonly path: Uint8Array } {
  const nibbles = nibblesOf(bytes);
  const flag = nibbles[0];
  if (flag === undefined || flag > 3 || ((flag & 1) === 0 && nibbles[1] !== 0))
    throw new TrieError("a node's path has an unknown flag");
  return { isLeaf: flag >= 2, path: nibbles.subarray((flag & 1) === 1 ? 1 : 2) };
}

function readReference(item: RlpItem): Reference | undefined {
  if (!(item instanceof Uint8Array)) return { inline: nodeFrom(item) };
  if (item.length === 0) return undefined;
  if (item.length !== hashLength) throw new TrieError("a node names a child by something that is no hash");
  return { hash: item };
}

function nodeFrom(item: RlpItem): TrieNode {
  if (item instanceof Uint8Array) throw new TrieError("a node is no list");
  if (item.length === 17) return { kind: "branch", children: item.slice(0, 16).map(readReference) };
  const [head, tail] = item;
  if (item.length !== 2 || !(head instanceof Uint8Array)) throw new TrieError("a node has neither 2 nor 17 items");
  const { isLeaf, path } = readPath(head);
  if (!isLeaf) {
    const child = readReference(tail!);
    if (child === undefined) throw new TrieError("an extension leads nowhere");
    return { kind: "extension", path, child };
  }
  if (!(tail instanceof Uint8Array)) throw new TrieError("a leaf holds a list");
  return { kind: "leaf", path, value: tail };
}

/** Throws `TrieError` or protocol's `DecodeError` for what is no node. */
export const decodeNode = (rlp: Uint8Array): TrieNode => nodeFrom(decodeRlp(rlp));

const extend = (path: Uint8Array, more: Uint8Array): Uint8Array => Buffer.concat([path, more]);

/**
 * Value under `key` (bytes) in the trie with this root hash; `undefined` when there is none. `lookup` is asked for each node on
 * the way, from the root down.
 */
export function findLeaf(root: Uint8Array, key: Uint8Array, lookup: NodeLookup): Uint8Array | undefined {
  const nibbles = nibblesOf(key);
  let at: Reference | undefined = { hash: root };
  let depth = 0;
  while (at !== undefined) {
    const node: TrieNode = "inline" in at ? at.inline : decodeNode(lookup(nibbles.subarray(0, depth), at.hash));
    const rest = nibbles.subarray(depth);
    if (node.kind === "leaf") return equalBytes(node.path, rest) ? node.value : undefined;
    if (node.kind === "branch") {
      if (rest.length === 0) return undefined;
      at = node.children[rest[0]!];
      depth += 1;
    } else {
      if (!equalBytes(node.path, rest.subarray(0, node.path.length))) return undefined;
      at = node.child;
      depth += node.path.length;
    }
  }
  return undefined;
}

/** What a walk over a whole trie met. */
export interface TrieSize {
  readonly leaves: number;
  /** Nodes with a hash of their own, those that a database holds. */
  readonly nodes: number;
}

/** Visits every node of the trie with this root hash, depth first, and counts. Keeps one path in memory. */
export function measureTrie(root: Uint8Array, lookup: NodeLookup): TrieSize {
  let leaves = 0;
  let nodes = 0;
  const visit = (reference: Reference, path: Uint8Array): void => {
    if (path.length > 2 * hashLength) throw new TrieError("a trie is deeper than its keys are long");
    if ("hash" in reference) nodes++;
    const node = "inline" in reference ? reference.inline : decodeNode(lookup(path, reference.hash));
    if (node.kind === "leaf") leaves++;
    else if (node.kind === "extension") visit(node.child, extend(path, node.path));
    else
      for (const [nibble, child] of node.children.entries())
        if (child !== undefined) visit(child, extend(path, Uint8Array.of(nibble)));
  };
  visit({ hash: root }, new Uint8Array());
  return { leaves, nodes };
}
