import type { Hash } from "@metis/protocol";
import { concatHex, keccak256 } from "viem/utils";
import { RollupError } from "./errors.ts";

const elements = 4_096;
const elementLength = 32;
const usable = elementLength - 1;
/** Bytes of a blob. */
export const blobLength = elements * elementLength;
/** Payload bytes that a blob holds. */
export const blobCapacity = elements * usable;

/** Blobs that a payload of `size` bytes needs. */
export const blobCount = (size: number): number => Math.ceil(size / blobCapacity);

function pack(part: Uint8Array): Uint8Array {
  const blob = new Uint8Array(blobLength);
  for (let i = 0; i * usable < part.length; i++)
    blob.set(part.subarray(i * usable, (i + 1) * usable), i * elementLength + 1);
  return blob;
}

/** Cuts a payload into blobs (docs/spec/payload.md, "Calldata and blobs"). */
export const packBlobs = (payload: Uint8Array): readonly Uint8Array[] =>
  Array.from({ length: blobCount(payload.length) }, (_, i) =>
    pack(payload.subarray(i * blobCapacity, (i + 1) * blobCapacity)),
  );

/**
 * Takes a payload of `size` bytes out of its blobs.
 * Throws `RollupError` "malformed" for anything that `packBlobs` would not have made.
 */
export function unpackBlobs(blobs: readonly Uint8Array[], size: number): Uint8Array {
  const refuse = (why: string): never => {
    throw new RollupError("malformed", "reject", why);
  };
  if (size === 0 || blobs.length !== blobCount(size)) refuse(`${blobs.length} blobs do not hold ${size} bytes`);
  const joined = new Uint8Array(blobs.length * blobCapacity);
  blobs.forEach((blob, position) => {
    if (blob.length !== blobLength) refuse("a blob has another length");
    for (let i = 0; i < elements; i++) {
      const start = i * elementLength;
      if (blob[start] !== 0) refuse("a field element's high byte is not zero");
      joined.set(blob.subarray(start + 1, start + elementLength), position * blobCapacity + i * usable);
    }
  });
  if (joined.subarray(size).some((byte) => byte !== 0)) refuse("bytes are set beyond the payload");
  return joined.slice(0, size);
}

/** `dataCommitment` of modes 1 and 2: keccak256 of the joined versioned hashes. */
export const dataCommitment = (hashes: readonly Hash[]): Hash => keccak256(concatHex(hashes));
