import { RlpFields, decodeRlp, encodeRlp, hashBytes } from "@metis/protocol";
import type { Address, Hex } from "viem";
import { CommitteeError } from "../../errors.ts";
import type { RotationState } from "./rotation.ts";

/** Largest proposal the engine carries, bytes: a block's encoded limit is 256 KiB. */
export const maxProposalBytes = 512 * 1024;
const maxMembers = 256;

/** What the core decides on by its hash: the application's proposal, who made it, and whose turn it was. */
export interface Envelope {
  readonly height: bigint;
  readonly proposer: Address;
  /** State before this height: whoever holds a decided envelope can go on from it. */
  readonly rotation: RotationState;
  readonly proposal: Uint8Array;
}

export const encodeEnvelope = ({ height, proposer, rotation, proposal }: Envelope): Uint8Array =>
  encodeRlp([
    height,
    proposer,
    // Credit may be negative: zig-zag.
    [
      rotation.credit.map((credit) => (credit < 0n ? -2n * credit - 1n : 2n * credit)),
      rotation.leader,
      rotation.termLeft,
      rotation.absentUntil,
    ],
    proposal,
  ]);

/** What members vote for. */
export const envelopeId = (bytes: Uint8Array): Hex => hashBytes(bytes);

/** Throws `bad-envelope` for anything `encodeEnvelope` does not write. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  try {
    const fields = new RlpFields("envelope", decodeRlp(bytes));
    const height = fields.uint(64);
    const proposer = fields.address();
    const rotation = decodeRotation(new RlpFields("rotation", fields.list()));
    const proposal = Uint8Array.from(fields.bytes(maxProposalBytes));
    fields.end();
    return { height, proposer, rotation, proposal };
  } catch (error) {
    throw new CommitteeError("bad-envelope", "reject", `a proposal's envelope does not decode: ${String(error)}`, {});
  }
}

function decodeRotation(fields: RlpFields): RotationState {
  const numbers = (): readonly bigint[] => {
    const items = fields.list();
    const reader = new RlpFields("rotation", items);
    if (items.length > maxMembers) throw new RangeError("more entries than a set has members");
    return items.map(() => reader.uint(128));
  };
  const credit = numbers().map((number) => (number % 2n === 1n ? -(number + 1n) / 2n : number / 2n));
  const rotation = { credit, leader: fields.number(maxMembers - 1), termLeft: fields.number(), absentUntil: numbers() };
  fields.end();
  return rotation;
}
