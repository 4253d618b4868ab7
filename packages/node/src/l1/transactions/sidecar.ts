import { DecodeError, decodeRlp, encodeRlp, RlpFields, type RlpItem } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { blobLength } from "@metis/rollup";
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

/** What came with a blob transaction, of right lengths and not checked otherwise. */
export interface UncheckedSidecars {
  readonly blobs: readonly Uint8Array[];
  readonly commitments: readonly Uint8Array[];
  /** Those of all blobs, in order. */
  readonly cellProofs: readonly Uint8Array[];
}

const pointBytes = 48;
const proofsPerBlob = 128;

/** The signed transaction, as it stands in a block, and what came with it. Inverse of `wrapBlobTransaction`; throws `DecodeError`. */
export function unwrapBlobTransaction(wrapped: Hex): { readonly signed: Hex; readonly sidecars: UncheckedSidecars } {
  const what = "blob transaction";
  const fields = new RlpFields(what, decodeRlp(hexToBytes(wrapped).subarray(1)));
  const body = fields.list();
  if (fields.number() !== wrapperVersion)
    throw new DecodeError(what, `its sidecar is not of version ${wrapperVersion}`);
  const blobs = itemsOf(fields.list(), blobLength);
  const sidecars = {
    blobs,
    commitments: itemsOf(fields.list(), pointBytes),
    cellProofs: itemsOf(fields.list(), pointBytes),
  };
  fields.end();
  if (sidecars.commitments.length !== blobs.length || sidecars.cellProofs.length !== proofsPerBlob * blobs.length)
    throw new DecodeError(what, "its blobs, commitments and cell proofs are not as many");
  return { signed: `0x03${bytesToHex(encodeRlp(body)).slice(2)}`, sidecars };
}

function itemsOf(items: readonly RlpItem[], length: number): Uint8Array[] {
  const fields = new RlpFields("sidecar", items);
  return items.map(() => {
    const bytes = fields.bytes(length);
    if (bytes.length !== length) throw new DecodeError("sidecar", `an item is not ${length} bytes long`);
    return bytes;
  });
}
