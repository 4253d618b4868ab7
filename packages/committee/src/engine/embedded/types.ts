import type { SetMember } from "@metis/protocol";
import type { Clock, Logger, Store } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { BftKeys } from "../../bft/core.ts";
import type { ConsensusApplication } from "../port.ts";
import type { Mesh } from "./mesh.ts";
import type { RotationRules } from "./rotation.ts";
import type { EmbeddedTimeouts } from "./timers.ts";

/** What an operator wants to know of an engine. */
export interface EngineWatch {
  /** Round `round` of a height began, above the first: the proposer before was silent, or its proposal not good enough. */
  round(height: bigint, round: number): void;
  /** A height was decided; the members in `passed` had their turn before its proposer and let it pass. */
  decided(height: bigint, proposer: Address, passed: readonly Address[]): void;
}

/** Where an engine stands. */
export interface EngineView {
  /** Decided next. */
  readonly height: bigint;
  readonly round: number;
  /** Whose turn the current round is. */
  readonly proposer: Address;
  readonly members: readonly SetMember[];
  /** Members at the end of the line, because they missed their turn. */
  readonly absent: readonly Address[];
  /** Coming turns, as long as nobody fails. */
  readonly calendar: readonly { readonly leader: Address; readonly from: bigint; readonly heights: number }[];
}

export interface EmbeddedOptions {
  readonly address: Address;
  /** 32 bytes binding chain, inbox and generation: a new generation is a new engine. */
  readonly domain: Hex;
  readonly keys: BftKeys;
  /** Set and height that the engine begins with when its store is empty. */
  readonly genesis: { readonly height: bigint; readonly members: readonly SetMember[] };
  readonly rules: RotationRules;
  readonly timeouts?: EmbeddedTimeouts;
  readonly application: ConsensusApplication;
  readonly mesh: Mesh;
  /** Whether a member can be heard now, as far as is known: one that cannot is not waited for as long. */
  readonly isReachable?: (member: Address) => boolean;
  readonly store: Store;
  /** Decided heights kept for members that fell behind. */
  readonly keptHeights?: bigint;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly watch?: EngineWatch;
}
