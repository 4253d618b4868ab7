import {
  DecodeError,
  RlpFields,
  decodeDataHeader,
  decodeRlp,
  decodeStateClaim,
  encodeDataHeader,
  encodeRlp,
  encodeStateClaim,
} from "@metis/protocol";
import type { DataHeader, Hash, StateClaim } from "@metis/protocol";
import type { Hex } from "viem";

/** Longest payload that a member looks at: six blobs hold 761,856 bytes. */
const maxPayloadBytes = 768 * 1024;
const headerBytes = 15 * 32;
const claimBytes = 9 * 32;
const signatureBytes = 65;

/** A batch as its builder shows it to the others. */
export interface BatchRequest {
  readonly header: DataHeader;
  readonly claim: StateClaim;
  readonly payload: Uint8Array;
}

/** What members say to each other about batches (docs/spec/pool.md, "Mesh", channel 3). */
export type BatchMessage =
  | ({ readonly kind: "batch" } & BatchRequest)
  | { readonly kind: "signature"; readonly batchIndex: bigint; readonly digest: Hash; readonly signature: Hex }
  | { readonly kind: "claim"; readonly claim: StateClaim };

export function encodeBatchMessage(message: BatchMessage): Uint8Array {
  switch (message.kind) {
    case "batch":
      return encodeRlp([1, encodeDataHeader(message.header), encodeStateClaim(message.claim), message.payload]);
    case "signature":
      return encodeRlp([2, message.batchIndex, message.digest, message.signature]);
    case "claim":
      return encodeRlp([3, encodeStateClaim(message.claim)]);
    default:
      return unknownKind(message);
  }
}

const unknownKind = (message: never): never => {
  throw new RangeError(`unknown message ${JSON.stringify(message)}`);
};

/** Throws `DecodeError` for anything that `encodeBatchMessage` does not write. */
export function decodeBatchMessage(bytes: Uint8Array): BatchMessage {
  const fields = new RlpFields("batch message", decodeRlp(bytes));
  const message = decodeKind(fields.number(3), fields);
  fields.end();
  return message;
}

function decodeKind(kind: number, fields: RlpFields): BatchMessage {
  switch (kind) {
    case 1:
      return {
        kind: "batch",
        header: decodeDataHeader(fields.fixed(headerBytes)),
        claim: decodeStateClaim(fields.fixed(claimBytes)),
        payload: Uint8Array.from(fields.bytes(maxPayloadBytes)),
      };
    case 2:
      return {
        kind: "signature",
        batchIndex: fields.uint(64),
        digest: fields.fixed(32),
        signature: fields.fixed(signatureBytes),
      };
    case 3:
      return { kind: "claim", claim: decodeStateClaim(fields.fixed(claimBytes)) };
    default:
      throw new DecodeError("batch message", `unknown kind ${kind}`);
  }
}
