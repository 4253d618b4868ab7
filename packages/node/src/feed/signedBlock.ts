import {
  attestationFields,
  decodeBlockInputs,
  decodeRlp,
  DecodeError,
  encodeBlockInputs,
  encodeRlp,
  maxSetMembers,
  readAttestation,
  RlpFields,
} from "@metis/protocol";
import type { BlockAttestation, BlockInputs } from "@metis/protocol";
import type { Hex } from "viem";
import type { SignedBlock } from "../heads/records.ts";

/** What nodes pass on to each other (docs/spec/pool.md, "Signed blocks"): whoever reads it knows the set of its epoch from L1. */
export interface FeedBlock {
  readonly inputs: BlockInputs;
  readonly attestation: BlockAttestation;
  /** Over the set of the attestation's epoch, as in a certificate. */
  readonly bitmap: bigint;
  readonly signatures: Hex;
}

/** Bytes of an encoded block beside its transactions, at most: attestation, bitmap, 256 signatures, and the heads of RLP. */
const maxOverhead = 32 * 1024;
/** Every transaction may cost some bytes of length; the smallest has about a hundred. */
export const maxFeedBlockBytes = (maxBlockBytes: number): number => maxBlockBytes + maxBlockBytes / 8 + maxOverhead;

/** A stored block and its certificate as one canonical RLP list. */
export const encodeFeedBlock = (inputs: BlockInputs, { attestation, certificate }: SignedBlock): Uint8Array =>
  encodeRlp([encodeBlockInputs(inputs), attestationFields(attestation), certificate.bitmap, certificate.signatures]);

/** Throws `DecodeError` on anything but canonical bytes. */
export function decodeFeedBlock(bytes: Uint8Array): FeedBlock {
  const fields = new RlpFields("signed block", decodeRlp(bytes));
  const inputs = decodeBlockInputs(fields.bytes());
  const attestation = decodeAttestation(new RlpFields("attestation", fields.list()));
  const bitmap = fields.uint(maxSetMembers);
  const signatures = fields.hex(maxSetMembers * 65);
  fields.end();
  return { inputs, attestation, bitmap, signatures };
}

/** The hex of JSON-RPC, at most `maxBytes` long. Throws `DecodeError`. */
export function feedBlockFromHex(text: unknown, maxBytes: number): FeedBlock {
  if (typeof text !== "string" || text.length > 2 + 2 * maxBytes || !/^0x(?:[0-9a-f]{2})*$/.test(text))
    throw new DecodeError("signed block", `expected hex of at most ${maxBytes} bytes`);
  return decodeFeedBlock(Buffer.from(text.slice(2), "hex"));
}

export const feedBlockToHex = (inputs: BlockInputs, signed: SignedBlock): Hex =>
  `0x${Buffer.from(encodeFeedBlock(inputs, signed)).toString("hex")}`;

function decodeAttestation(fields: RlpFields): BlockAttestation {
  const attestation = readAttestation(fields);
  fields.end();
  return attestation;
}
