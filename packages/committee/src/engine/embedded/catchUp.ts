import type { Clock } from "@metis/runtime";
import type { Address } from "viem";
import type { Decided, MeshMessage } from "./mesh.ts";

export interface CatchUpOptions {
  readonly clock: Clock;
  /** Milliseconds between announcements, and before a member that did not answer is passed over. */
  readonly statusMs: number;
  readonly height: () => bigint;
  /** Whether heights may be left out when the others are far ahead. */
  readonly mayLeap: boolean;
  readonly decided: (height: bigint) => Decided | undefined;
  readonly broadcast: (message: MeshMessage) => void;
  readonly send: (to: Address, message: MeshMessage) => void;
}

/** Heights behind from which on a member tries to leave some out; fewer are taken one by one. */
const farBehind = 256n;
/** So far below the others' height it tries first, and twice as far each time. */
const firstStep = 64n;

/**
 * Tells the others where this member stands, serves decided heights, and asks for those it lacks, one at a time. A member that
 * is far behind asks for a late height first: if its chain holds that height's block, it goes on from there.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #ahead = new Map<Address, bigint>();
  #cancel: (() => void) | undefined;
  #asked: { readonly height: bigint; readonly at: number } | undefined;
  #step = firstStep;
  /** The height that is asked for out of turn. */
  #leap: bigint | undefined;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.broadcast({ kind: "status", height: this.#options.height() });
    this.#cancel = this.#options.clock.after(this.#options.statusMs, () => this.start());
  }

  stop(): void {
    this.#cancel?.();
  }

  take(from: Address, message: Extract<MeshMessage, { kind: "status" | "want" }>): void {
    if (message.kind === "want") {
      const found = this.#options.decided(message.height);
      if (found !== undefined) this.#options.send(from, { kind: "decided", ...found });
      return;
    }
    this.#ahead.set(from, message.height);
    this.#ask(from);
  }

  /** A height is over: if somebody is further, ask on at once. */
  entered(): void {
    this.#asked = undefined;
    const further = [...this.#ahead].find(([, height]) => height > this.#options.height());
    if (further !== undefined) this.#ask(further[0]);
  }

  /** Whether `height` was asked for out of turn. */
  isLeap(height: bigint): boolean {
    return this.#leap === height;
  }

  /** The leap succeeded, or failed: then a lower height is tried. */
  leapt(succeeded: boolean): void {
    this.#leap = undefined;
    this.#step = succeeded ? firstStep : 2n * this.#step;
  }

  #ask(from: Address): void {
    const { clock, height: own, statusMs, send } = this.#options;
    if ((this.#ahead.get(from) ?? 0n) <= own()) return;
    const height = this.#next(from);
    const now = clock.monotonic();
    if (this.#asked?.height === height && now - this.#asked.at < statusMs) return;
    this.#asked = { height, at: now };
    send(from, { kind: "want", height });
  }

  #next(from: Address): bigint {
    const { height, mayLeap } = this.#options;
    const [own, theirs] = [height(), this.#ahead.get(from) ?? 0n];
    const target = this.#leap ?? theirs - this.#step;
    this.#leap = mayLeap && theirs > own + farBehind && target > own ? target : undefined;
    return this.#leap ?? own;
  }
}
