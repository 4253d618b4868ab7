import type { SetMember } from "@metis/protocol";
import type { Service } from "@metis/runtime";
import type { Address } from "viem";

/**
 * What a consensus engine asks of the node, in the shape of ABCI 2.0. Engine height and L2 block number are different
 * things: a height may carry no block. Calls never overlap.
 */
export interface ConsensusApplication {
  /** The proposal for `height`, or nothing when no block is due (then no height is used up). Leader only. */
  prepareProposal(request: PrepareProposal): Promise<Uint8Array | undefined>;
  /**
   * Whether a block is due at `height`, asked of every member: one that sees a block due begins the height and so notices a
   * leader that stays silent. Without it only the leader begins heights.
   */
  isDue?(request: IsDue): Promise<boolean>;
  /** Whether a vote for `proposal` is right. Deterministic but for the clock rule; never throws for bad input. */
  processProposal(request: ProcessProposal): Promise<"accept" | "reject">;
  /**
   * The set that decided `proposal`, when its block is part of this node's chain already, by L1's word say. An engine that is far
   * behind may then go on from it, and leave out the heights before; they are not finalised here any more.
   */
  membersOf?(proposal: Uint8Array): Promise<readonly SetMember[] | undefined>;
  /** `proposal` is decided: execute, commit, attest. After a crash it may be called again for the last height. */
  finalizeBlock(request: FinalizeBlock): Promise<FinalizeResult>;
}

export interface PrepareProposal {
  readonly height: bigint;
}
export interface IsDue extends PrepareProposal {
  /** This member proposes first: it may begin earlier, so that its proposal is there when it is due. */
  readonly leads: boolean;
}
export interface ProcessProposal {
  readonly height: bigint;
  readonly proposer: Address;
  readonly proposal: Uint8Array;
}
export interface FinalizeBlock extends ProcessProposal {}

export interface FinalizeResult {
  /** The set from height + 2 on, when the decided block ended an epoch. Height + 1 then carries no block. */
  readonly validatorUpdates?: readonly SetMember[];
}

/** An engine: decides proposals one after the other and hands them to the application. */
export interface ConsensusEngine extends Service {
  /** Says that a proposal may be due; cheap, may be called at any time. */
  wake(): void;
  /** Height that is decided next. */
  readonly height: bigint;
  /** Resolves when no call of the application is in flight and none starts until `resume` is called. */
  pause(): Promise<void>;
  resume(): void;
}

/** The proposal of a height that must carry no block. */
export const emptyProposal: Uint8Array = new Uint8Array();
