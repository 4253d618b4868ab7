import { decodeRlp, encodeRlp } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { bytesToHex, hexToBytes } from "viem";
import type { Hex } from "viem";

/** What travels with a blob transaction on the network, per blob: 131,072 bytes, 48 bytes, 128 proofs of 48 bytes. */
export interface BlobSidecar {
  readonly versionedHash: Hash;
  readonly blob: Uint8Array;
  readonly commitment: Uint8Array;
  readonly cellProofs: readonly Uint8Array[];
}

const wrapperVersion = 1;

/** The network form of a signed blob transaction since Osaka: 0x03 ‖ rlp([body, 1, blobs, commitments, cell proofs]) (EIP-7594). */
export function wrapBlobTransaction(signed: Hex, sidecars: readonly BlobSidecar[]): Hex {
  const body = decodeRlp(hexToBytes(signed).subarray(1));
  const wrapped = encodeRlp([
    body,
    wrapperVersion,
    sidecars.map(({ blob }) => blob),
    sidecars.map(({ commitment }) => commitment),
    sidecars.flatMap(({ cellProofs }) => cellProofs),
  ]);
  return `0x03${bytesToHex(wrapped).slice(2)}`;
}
