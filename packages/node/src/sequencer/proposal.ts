import { decodeRlp, encodeRlp, RlpFields } from "@metis/protocol";
import type { BlockInputs } from "@metis/protocol";
import { bytesToHex } from "viem";
import type { Hex } from "viem";

/** A proposal: the inputs of one block as RLP, in the order of the leaf (docs/spec/structs.md, "Block inputs leaf"). */
export const encodeProposal = (inputs: BlockInputs): Uint8Array =>
  encodeRlp([
    inputs.number,
    inputs.time,
    inputs.generation,
    inputs.flags,
    inputs.proposer,
    inputs.anchorNumber,
    inputs.anchorHash,
    inputs.depositStart,
    inputs.depositEnd,
    inputs.rate,
    inputs.attendance,
    [...inputs.transactions],
  ]);

/** Throws `DecodeError` on anything but canonical bytes. */
export function decodeProposal(bytes: Uint8Array): BlockInputs {
  const fields = new RlpFields("proposal", decodeRlp(bytes));
  const head = {
    number: fields.uint(64),
    time: fields.uint(64),
    generation: fields.number(),
    flags: fields.number(0xff),
    proposer: fields.address(),
    anchorNumber: fields.uint(64),
    anchorHash: fields.fixed(32),
    depositStart: fields.uint(64),
    depositEnd: fields.uint(64),
    rate: fields.uint(),
    attendance: fields.hex(64),
  };
  const list = new RlpFields("proposal's transactions", fields.list());
  const transactions: Hex[] = [];
  while (list.left > 0) transactions.push(bytesToHex(list.bytes()));
  fields.end();
  return { ...head, transactions };
}
