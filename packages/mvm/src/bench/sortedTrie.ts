// The trie over many keys that are known at once: one pass over the sorted keys, nodes as they come.
import { encodeRlp, type RlpInput } from "@metis/protocol";
import { keccak256 } from "viem/utils";

const hashLength = 32;

/** Keys of a trie with the place each had before it was sorted. */
export interface SortedKeys {
  readonly count: number;
  /** Nibble `depth` of the key at `position`. */
  nibble(position: number, depth: number): number;
  /** Index of the key at `position` before sorting. */
  index(position: number): number;
}

/** Sorts `count` hashes (32 bytes each, one after the other in `keys`) without moving them. */
export function sortedKeys(keys: Uint8Array, count: number): SortedKeys {
  const head = (i: number): number => (keys[hashLength * i]! << 8) | keys[hashLength * i + 1]!;
  const starts = new Uint32Array(0x1_0001);
  for (let i = 0; i < count; i++) starts[head(i) + 1]!++;
  for (let i = 1; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const order = new Uint32Array(count);
  const next = starts.slice();
  for (let i = 0; i < count; i++) order[next[head(i)]!++] = i;
  const of = (i: number): Uint8Array => keys.subarray(hashLength * i, hashLength * (i + 1));
  for (let bucket = 0; bucket + 1 < starts.length; bucket++)
    order.subarray(starts[bucket], starts[bucket + 1]).sort((a, b) => Buffer.compare(of(a), of(b)));
  return {
    count,
    nibble: (position, depth) => {
      const byte = keys[hashLength * order[position]! + (depth >> 1)]!;
      return depth % 2 === 0 ? byte >> 4 : byte & 15;
    },
    index: (position) => order[position]!,
  };
}

/** Where nodes go: `path` as nibbles, one a byte, valid during the call. */
export type NodeSink = (path: Uint8Array, rlp: Uint8Array) => void;

/** Builds the trie in which key `index` has `value(index)`, whose RLP is longer than 31 bytes; returns its root. */
export function buildTrie(keys: SortedKeys, value: (index: number) => Uint8Array, sink: NodeSink): Uint8Array {
  const path = new Uint8Array(2 * hashLength);
  const emit = (depth: number, node: RlpInput): Uint8Array => {
    const rlp = encodeRlp(node);
    sink(path.subarray(0, depth), rlp);
    return keccak256(rlp, "bytes");
  };
  const packed = (position: number, from: number, to: number, isLeaf: boolean): Uint8Array => {
    const odd = (to - from) % 2;
    const bytes = new Uint8Array(1 + ((to - from) >> 1));
    bytes[0] = ((isLeaf ? 2 : 0) + odd) << 4;
    if (odd === 1) bytes[0] |= keys.nibble(position, from);
    for (let i = 1, at = from + odd; at < to; i++, at += 2)
      bytes[i] = (keys.nibble(position, at) << 4) | keys.nibble(position, at + 1);
    return bytes;
  };
  const node = (from: number, to: number, depth: number): Uint8Array => {
    if (to - from === 1) {
      const tail = packed(from, depth, 2 * hashLength, true);
      return emit(depth, [tail, value(keys.index(from))]);
    }
    let shared = depth;
    while (keys.nibble(from, shared) === keys.nibble(to - 1, shared)) {
      path[shared] = keys.nibble(from, shared);
      shared++;
    }
    if (shared > depth) {
      const child = node(from, to, shared);
      return emit(depth, [packed(from, depth, shared, false), child]);
    }
    const children: RlpInput[] = [];
    let at = from;
    for (let nibble = 0; nibble < 16; nibble++) {
      const start = at;
      while (at < to && keys.nibble(at, depth) === nibble) at++;
      path[depth] = nibble;
      children.push(at === start ? new Uint8Array() : node(start, at, depth + 1));
    }
    return emit(depth, [...children, new Uint8Array()]);
  };
  return node(0, keys.count, 0);
}
