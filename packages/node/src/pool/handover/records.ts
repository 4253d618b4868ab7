import type { BlockRef } from "@metis/mvm";
import type { Epoch, Generation, L1BlockNumber, SetMember } from "@metis/protocol";
import { emergencyHandoverAbi } from "@metis/protocol/contracts";
import { decodeEventLog } from "viem";
import type { Hex } from "viem";
import type { L1Log } from "../../l1/client.ts";
import { checkedMembers } from "../epochSets.ts";

/** A generation that an emergency handover began on L1 (docs/spec/below-two-thirds.md). */
export interface Handover {
  readonly generation: Generation;
  /** Epoch of its first batch. */
  readonly epoch: Epoch;
  readonly l1BlockNumber: L1BlockNumber;
  /** Its set, strictly ascending by signer. */
  readonly members: readonly SetMember[];
  /** The block that it builds on; nothing: the last one on L1. */
  readonly pin: BlockRef | undefined;
}

/** Throws `set-inconsistent` (halt) when the endpoint gives members that do not hash to what it says they do. */
export function decodeHandover({ data, topics, blockNumber }: L1Log): Handover {
  const { args } = decodeEventLog({
    abi: emergencyHandoverAbi,
    eventName: "HandedOver",
    data,
    topics: topics as [Hex, ...Hex[]],
  });
  const { generation, epoch, members, setHash, pinnedNumber, pinnedHash } = args;
  return {
    generation,
    epoch,
    l1BlockNumber: blockNumber,
    members: checkedMembers(members, setHash, epoch),
    pin: pinnedNumber === 0n ? undefined : { number: pinnedNumber, hash: pinnedHash },
  };
}
