import type { Clock } from "@metis/runtime";
import type { Address } from "viem";
import type { Decided, MeshMessage } from "./mesh.ts";

export interface CatchUpOptions {
  readonly clock: Clock;
  /** Milliseconds between announcements, and before a member that did not answer is passed over. */
  readonly statusMs: number;
  readonly height: () => bigint;
  readonly decided: (height: bigint) => Decided | undefined;
  readonly broadcast: (message: MeshMessage) => void;
  readonly send: (to: Address, message: MeshMessage) => void;
}

/** Tells the others where this member stands, serves decided heights, and asks for those it lacks, one at a time. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #ahead = new Map<Address, bigint>();
  #cancel: (() => void) | undefined;
  #asked: { readonly height: bigint; readonly at: number } | undefined;

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

  #ask(from: Address): void {
    const { clock, height: own, statusMs, send } = this.#options;
    const height = own();
    if ((this.#ahead.get(from) ?? 0n) <= height) return;
    const now = clock.monotonic();
    if (this.#asked?.height === height && now - this.#asked.at < statusMs) return;
    this.#asked = { height, at: now };
    send(from, { kind: "want", height });
  }
}
