import type { RlpFields, RlpInput } from "./rlp.ts";
import type { BlockAttestation } from "./structs.ts";

/** The fields in the order of the struct: what RLP lists with an attestation hold (docs/spec/pool.md). */
export const attestationFields = (attestation: BlockAttestation): RlpInput[] => [
  attestation.generation,
  attestation.epoch,
  attestation.number,
  attestation.blockHash,
  attestation.outputRoot,
  attestation.anchorNumber,
  attestation.anchorHash,
];

/** Reads what `attestationFields` writes off the front of `fields`. Throws `DecodeError` on other shapes. */
export const readAttestation = (fields: RlpFields): BlockAttestation => ({
  generation: fields.number(),
  epoch: fields.uint(64),
  number: fields.uint(64),
  blockHash: fields.fixed(32),
  outputRoot: fields.fixed(32),
  anchorNumber: fields.uint(64),
  anchorHash: fields.fixed(32),
});
