import type { Logger } from "@metis/runtime";
import type { ConsensusApplication } from "../port.ts";
import { decodeEnvelope, encodeEnvelope, envelopeId } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";
import type { ValueId } from "./mesh.ts";
import type { EngineState, EngineStore } from "./state.ts";

/** Different payloads of one height that are looked at; an honest height sees one a round. */
const maxPayloads = 64;

/** The payloads of the height under way: each is checked once by the application, and kept on disk when it may be voted for. */
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

  /** Whether this member may vote for the payload. Throws `bad-envelope`. */
  async check(bytes: Uint8Array, state: EngineState): Promise<boolean> {
    const value = envelopeId(bytes);
    const known = this.#known.get(value);
    if (known !== undefined) return known.valid;
    if (this.#known.size >= maxPayloads) return false;
    const valid = await this.#isValid(decodeEnvelope(bytes), value, state);
    if (valid) await this.#store.putPayload(state.height, value, bytes);
    this.#known.set(value, { bytes, valid });
    return valid;
  }

  async #isValid({ proposer, proposal }: Envelope, value: ValueId, state: EngineState): Promise<boolean> {
    const { height, rotation, blockless } = state;
    if (envelopeId(encodeEnvelope({ height, proposer, rotation, proposal })) !== value) {
      this.#logger.warn("a proposal disagrees about whose turn it is", { height, proposer });
      return false;
    }
    if (blockless) return proposal.length === 0;
    return (await this.#application.processProposal({ height, proposer, proposal })) === "accept";
  }
}
