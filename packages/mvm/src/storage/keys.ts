/** Length of a block number inside a key. */
export const numberLength = 8;

/** `number` as 8 bytes, big endian, so that keys sort by height. */
export function numberKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(numberLength);
  key.writeUInt32BE(Math.floor(number / 0x1_0000_0000), 0);
  key.writeUInt32BE(number >>> 0, 4);
  return key;
}

/** Inverse of `numberKey` for the 8 bytes at `offset`. */
export function readNumber(bytes: Uint8Array, offset = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, numberLength);
  return view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4);
}

/** `key ‖ block`: where a change table keeps what `key` was before `block`. */
export function changeKey(key: Uint8Array, block: number): Buffer {
  const joined = Buffer.allocUnsafe(key.length + numberLength);
  joined.set(key, 0);
  joined.writeUInt32BE(Math.floor(block / 0x1_0000_0000), key.length);
  joined.writeUInt32BE(block >>> 0, key.length + 4);
  return joined;
}

export const addressLength = 20;
export const hashLength = 32;

/** `address ‖ slot`. */
export function storageKey(address: Uint8Array, slot: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(addressLength + hashLength);
  key.set(address, 0);
  key.set(slot, addressLength);
  return key;
}

const accountTrie = 0;
const storageTrie = 1;

/** Prefix of all nodes of one account's storage trie. */
export function storageTrieKey(owner: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(1 + hashLength);
  key[0] = storageTrie;
  key.set(owner, 1);
  return key;
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/**
 * Key of a trie node. `owner`: 32 zero bytes for the account trie, else keccak256 of the address; `path`: nibbles, one a byte.
 * The length stands before the packed nibbles, so that no key is the beginning of another.
 */
export function nodeKey(owner: Uint8Array, path: Uint8Array): Buffer {
  const ownerLength = isZero(owner) ? 0 : hashLength;
  const key = Buffer.alloc(2 + ownerLength + Math.ceil(path.length / 2));
  key[0] = ownerLength === 0 ? accountTrie : storageTrie;
  if (ownerLength > 0) key.set(owner, 1);
  key[1 + ownerLength] = path.length;
  for (let i = 0; i < path.length; i++) key[2 + ownerLength + (i >> 1)]! |= i % 2 === 0 ? path[i]! << 4 : path[i]!;
  return key;
}

/** Where the path begins in the key of a trie node. */
export const pathStart = (key: Uint8Array): number => (key[0] === accountTrie ? 2 : 2 + hashLength);

/** Smallest key above every key that begins with `prefix`. Throws `RangeError` for a prefix of 0xff bytes alone. */
export function prefixEnd(prefix: Uint8Array): Buffer {
  const end = Buffer.from(prefix);
  for (let i = end.length - 1; i >= 0; i--) {
    if (end[i] !== 0xff) {
      end[i]! += 1;
      return end.subarray(0, i + 1);
    }
  }
  throw new RangeError("no key lies above this prefix");
}
