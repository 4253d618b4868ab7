import type { Address, Hex } from "viem";
import { CommitteeError } from "../errors.ts";
import type { BftEvent, BftInput, BftSet } from "./forms.ts";
import { Kernel } from "./kernel.ts";

/** The key of the member a core runs for, and the check of anyone's signature: 65 bytes r ‖ s ‖ v over a digest. */
export interface BftKeys {
  /** Must refuse (throw) rather than sign two different votes for one (height, round, kind). */
  sign(digest: Hex, message: Uint8Array): Hex;
  recovers(digest: Hex, signature: Hex, signer: Address): boolean;
  /** What was signed since the last log entry was lost with it, and never left: the core begins anew from its log. */
  forget?(): void;
}

/** Monotone time in nanoseconds, the core's only view of a clock. */
export type Nanoseconds = () => bigint;

/**
 * One member's Tendermint core: `step(input)` returns what the host must do, and nothing else happens. It has no network, no
 * disk, no timers. Same inputs, same keys, same clock: same events.
 *
 * After a throw the core is in an unknown state: make a new one, `step` a `start` with `restart: true`, and `replay` the log.
 */
export class BftCore {
  readonly #kernel: Kernel;
  readonly #core: number;
  #events: BftEvent[] = [];
  #isClosed = false;

  /** `domain`: 32 bytes that bind chain, inbox and generation. Throws `bft-refused` when the set cannot be counted. */
  constructor(options: {
    readonly address: Address;
    readonly domain: Hex;
    readonly height: number;
    readonly set: BftSet;
    readonly keys: BftKeys;
    readonly now: Nanoseconds;
  }) {
    const { keys, now } = options;
    const kernel = Kernel.take({ keys, now, emit: (event) => this.#events.push(event) });
    this.#kernel = kernel;
    const { address, domain, height, set } = options;
    this.#core = this.#call((request, length) => kernel.exports.bft_create(request, length), {
      address,
      domain,
      height,
      set,
    });
    this.#events = [];
  }

  /** Runs one input to its end. Throws `bft-refused` for an input the core cannot take; a host failure is rethrown. */
  step(input: BftInput): readonly BftEvent[] {
    this.#call((request, length) => this.#kernel.exports.bft_step(this.#core, request, length), input);
    return this.#take();
  }

  /** Feeds back the log of an interrupted height, right after `start` with `restart: true`. Its events must be acted on too. */
  replay(entries: readonly BftInput[]): readonly BftEvent[] {
    this.#call((request, length) => this.#kernel.exports.bft_replay(this.#core, request, length), entries);
    return this.#take();
  }

  /** Whether it threw in the middle of something, and its state is unknown. */
  get isBroken(): boolean {
    return this.#kernel.isBroken;
  }

  /** The core is needed no more: another one may run in its kernel. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#kernel.release(this.#core);
  }

  #take(): readonly BftEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #call(run: (request: number, length: number) => number, value: unknown): number {
    if (this.#isClosed) throw new CommitteeError("bft-refused", "reject", "the core is closed", {});
    const result = this.#kernel.call(run, value);
    if (result >= 0) return result;
    const failed = this.#take().find((event) => event.event === "failed");
    throw new CommitteeError("bft-refused", "reject", failed?.reason ?? "the consensus kernel refused an input", {});
  }
}
