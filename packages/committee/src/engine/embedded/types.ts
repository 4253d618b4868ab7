import type { SetMember } from "@metis/protocol";
import type { Clock, Logger, Store } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { BftKeys } from "../../bft/core.ts";
import type { ConsensusApplication } from "../port.ts";
import type { Mesh } from "./mesh.ts";
import type { RotationRules } from "./rotation.ts";
import type { EmbeddedTimeouts } from "./timers.ts";

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
  readonly store: Store;
  /** Decided heights kept for members that fell behind. */
  readonly keptHeights?: bigint;
  readonly clock: Clock;
  readonly logger: Logger;
}
