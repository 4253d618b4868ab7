import { RlpFields, attestationFields, decodeRlp, encodeRlp, readAttestation } from "@metis/protocol";
import type { BlockAttestation, Epoch, Generation, L2BlockNumber } from "@metis/protocol";
import type { Hex } from "viem";
import { CommitteeError } from "../errors.ts";

/** Blocks that one question may be about. */
export const maxWanted = 64;
const signatureBytes = 65;
const maxMembers = 256;

/** An attestation with its signer's 65 bytes. */
export interface SignedAttestation {
  readonly attestation: BlockAttestation;
  readonly signature: Hex;
}

/** What members say to each other about signed blocks (docs/spec/pool.md, "Mesh", channel 2). */
export type AttestationMessage =
  | ({ readonly kind: "attestation" } & SignedAttestation)
  | {
      readonly kind: "certificate";
      readonly generation: Generation;
      readonly epoch: Epoch;
      readonly number: L2BlockNumber;
      readonly bitmap: bigint;
      readonly signatures: Hex;
    }
  | { readonly kind: "want"; readonly from: L2BlockNumber; readonly count: number };

/** Canonical RLP list that begins with the message's kind (docs/spec/pool.md, "Mesh", channel 2). */
export function encodeAttestationMessage(message: AttestationMessage): Uint8Array {
  switch (message.kind) {
    case "attestation":
      return encodeRlp([1, ...attestationFields(message.attestation), message.signature]);
    case "certificate": {
      const { generation, epoch, number, bitmap, signatures } = message;
      return encodeRlp([2, generation, epoch, number, bitmap, signatures]);
    }
    case "want":
      return encodeRlp([3, message.from, message.count]);
    default:
      return unknownKind(message);
  }
}

const unknownKind = (message: never): never => {
  throw new RangeError(`unknown message ${JSON.stringify(message)}`);
};

/** Throws `bad-mesh-message` for anything that `encodeAttestationMessage` does not write. */
export function decodeAttestationMessage(bytes: Uint8Array): AttestationMessage {
  try {
    const fields = new RlpFields("attestation message", decodeRlp(bytes));
    const message = decodeKind(fields.number(3), fields);
    fields.end();
    return message;
  } catch (error) {
    throw new CommitteeError("bad-mesh-message", "reject", `a member's message does not decode: ${String(error)}`, {});
  }
}

function decodeKind(kind: number, fields: RlpFields): AttestationMessage {
  switch (kind) {
    case 1:
      return { kind: "attestation", attestation: readAttestation(fields), signature: fields.fixed(signatureBytes) };
    case 2:
      return {
        kind: "certificate",
        generation: fields.number(),
        epoch: fields.uint(64),
        number: fields.uint(64),
        bitmap: fields.uint(256),
        signatures: fields.hex(maxMembers * signatureBytes),
      };
    case 3: {
      const [from, count] = [fields.uint(64), fields.number(maxWanted)];
      if (count === 0) throw new RangeError("asks for nothing");
      return { kind: "want", from, count };
    }
    default:
      throw new RangeError(`unknown kind ${kind}`);
  }
}

/** The members whose bits are set, each with its signature; nothing when bits, signatures and members do not fit together. */
export function signaturesBySigner(
  bitmap: bigint,
  signatures: Hex,
  members: readonly { readonly signer: Hex }[],
): readonly (readonly [signer: Hex, signature: Hex])[] | undefined {
  if (bitmap >> BigInt(members.length) !== 0n) return undefined;
  const signers = members.filter((_, index) => ((bitmap >> BigInt(index)) & 1n) === 1n);
  if (signatures.length !== 2 + signers.length * signatureBytes * 2) return undefined;
  const at = (index: number): Hex =>
    `0x${signatures.slice(2 + index * signatureBytes * 2, 2 + (index + 1) * signatureBytes * 2)}`;
  return signers.map(({ signer }, index) => [signer, at(index)]);
}
