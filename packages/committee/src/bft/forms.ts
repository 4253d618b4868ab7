import type { Address, Hex } from "viem";

/** A vote, as it travels between members and lies in the log. `value` null is nil. */
export interface VoteForm {
  readonly type: "vote";
  readonly height: number;
  readonly round: number;
  readonly precommit: boolean;
  readonly value: Hex | null;
  readonly voter: Address;
  readonly signature: Hex;
}

export interface ProposalForm {
  readonly type: "proposal";
  readonly height: number;
  readonly round: number;
  readonly value: Hex;
  /** Round whose prevote quorum the proposer re-proposes for, or -1. */
  readonly polRound: number;
  readonly proposer: Address;
  readonly signature: Hex;
}

/** Votes of one kind for one value in one round. */
export interface QuorumForm {
  readonly height: number;
  readonly round: number;
  readonly value: Hex;
  readonly signatures: readonly (readonly [Address, Hex])[];
}

/** Votes that let a member leave a round. */
export interface RoundCertificateForm {
  readonly type: "roundCertificate";
  readonly height: number;
  readonly round: number;
  readonly precommits: boolean;
  readonly signatures: readonly {
    readonly precommit: boolean;
    readonly value: Hex | null;
    readonly voter: Address;
    readonly signature: Hex;
  }[];
}

/** What members send each other. Opaque to the transport. */
export type BftMessage = VoteForm | ProposalForm | ({ readonly type: "polka" } & QuorumForm) | RoundCertificateForm;

/** Members ascending by address; round r is led by `members[order[r % order.length]]`. */
export interface BftSet {
  readonly members: readonly { readonly address: Address; readonly weight: number }[];
  readonly order: readonly number[];
}

export type TimeoutKind = "propose" | "prevote" | "precommit" | "rebroadcast" | "finalizeHeight";

/** Inputs of the reducer; those the core wants logged come back in `log` events in the same form. */
export type BftInput =
  | { readonly input: "start"; readonly height: number; readonly set: BftSet; readonly restart: boolean }
  | { readonly input: "message"; readonly message: BftMessage }
  | { readonly input: "propose"; readonly height: number; readonly round: number; readonly value: Hex }
  | {
      readonly input: "value";
      readonly height: number;
      readonly round: number;
      readonly validRound: number;
      readonly proposer: Address;
      readonly value: Hex;
      readonly valid: boolean;
      readonly synced: boolean;
    }
  | { readonly input: "timeout"; readonly kind: TimeoutKind; readonly round: number }
  | { readonly input: "sync"; readonly certificate: QuorumForm };

/** What the host must do, in order. Everything logged before a `send` must be on disk before it goes out. */
export type BftEvent =
  | { readonly event: "cancelTimeouts" }
  | { readonly event: "cancelTimeout" | "scheduleTimeout"; readonly kind: TimeoutKind; readonly round: number }
  | {
      readonly event: "startRound";
      readonly height: number;
      readonly round: number;
      readonly proposer: Address;
      readonly role: string;
    }
  | { readonly event: "send"; readonly message: BftMessage }
  | { readonly event: "getValue"; readonly height: number; readonly round: number }
  | {
      readonly event: "restream";
      readonly height: number;
      readonly round: number;
      readonly validRound: number;
      readonly proposer: Address;
      readonly value: Hex;
    }
  | { readonly event: "syncAccepted"; readonly certificate: QuorumForm; readonly proposer: Address }
  | { readonly event: "syncRejected"; readonly height: number; readonly reason: string }
  | { readonly event: "log"; readonly height: number; readonly entry: BftInput }
  | { readonly event: "decide"; readonly certificate: QuorumForm }
  | { readonly event: "finalize"; readonly height: number; readonly misbehaviour: boolean }
  | { readonly event: "failed"; readonly reason: string };
