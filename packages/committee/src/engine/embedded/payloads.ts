import type { Logger } from "@metis/runtime";
import type { ConsensusApplication } from "../port.ts";
import { decodeEnvelope, encodeEnvelope } from "./envelope.ts";
import type { ValueId } from "./mesh.ts";
import type { EngineState, EngineStore } from "./state.ts";

/** Different payloads of one height that are looked at; an honest height sees one a round. */
const maxPayloads = 64;

/** The payloads of the height under way: each is checked once by the application, and on disk before it is voted for. */
export class Payloads {
  readonly #store: EngineStore;
  readonly #application: ConsensusApplication;
  readonly #logger: Logger;
  readonly #known = new Map<ValueId, { readonly bytes: Uint8Array; readonly valid: boolean }>();

  constructor(store: EngineStore, application: ConsensusApplication, logger: Logger) {
    this.#store = store;
    this.#application = application;
    this.#logger = logger;
  }

  get(value: ValueId): Uint8Array | undefined {
    return this.#known.get(value)?.bytes;
  }

  /** Takes in what was valid before a crash, or what a certificate vouches for. */
  trust(value: ValueId, bytes: Uint8Array): void {
    this.#known.set(value, { bytes, valid: true });
  }

  /** Whether this member may vote for the payload, whose id is `value`. Throws `bad-envelope`. */
  async check(value: ValueId, bytes: Uint8Array, state: EngineState): Promise<boolean> {
    const known = this.#known.get(value);
    if (known !== undefined) return known.valid;
    if (this.#known.size >= maxPayloads) return false;
    const valid = await this.#isValid(bytes, state);
    if (valid) this.#store.keepPayload(state.height, value, bytes);
    this.#known.set(value, { bytes, valid });
    return valid;
  }

  async #isValid(bytes: Uint8Array, state: EngineState): Promise<boolean> {
    const { proposer, proposal } = decodeEnvelope(bytes);
    const { height, rotation, blockless } = state;
    if (Buffer.compare(encodeEnvelope({ height, proposer, rotation, proposal }), bytes) !== 0) {
      this.#logger.warn("a proposal disagrees about whose turn it is", { height, proposer });
      return false;
    }
    if (blockless) return proposal.length === 0;
    return (await this.#application.processProposal({ height, proposer, proposal })) === "accept";
  }
}
