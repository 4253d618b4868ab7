import { encodeRlp, inputsHeadFields } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { BlockBuilder, BlockContext, ExecutedBlock } from "../api.ts";
import { addRequest } from "../wire/requests.ts";
import { readAdded, type Added } from "../wire/responses.ts";
import type { WorkerClient } from "./channel.ts";
import { executedFrom } from "./executed.ts";
import type { Opened } from "./writer.ts";

interface Offered {
  readonly transaction: Hex;
  /** What the caller recovered itself. */
  readonly sender: Address | undefined;
  readonly resolve: (added: Added) => void;
  readonly reject: (error: unknown) => void;
}

/** A block that the writer has open. */
export class WorkerBuilder implements BlockBuilder {
  readonly #writer: Pick<WorkerClient, "call">;
  readonly #id: number;
  readonly #context: BlockContext;
  readonly #transactions: Hex[] = [];
  #gasLeft: bigint;
  /** What was offered in this turn: one message takes all of it, which is most of what a message costs. */
  #offered: Offered[] = [];

  constructor(writer: Pick<WorkerClient, "call">, { id, gasLeft }: Opened, context: BlockContext) {
    this.#writer = writer;
    this.#id = id;
    this.#gasLeft = gasLeft;
    this.#context = context;
  }

  get gasLeft(): bigint {
    return this.#gasLeft;
  }

  add(transaction: Hex, sender?: Address): Promise<Added> {
    return new Promise((resolve, reject) => {
      if (this.#offered.length === 0) queueMicrotask(() => this.#send());
      this.#offered.push({ transaction, sender, resolve, reject });
    });
  }

  async seal(flags?: number): Promise<ExecutedBlock> {
    this.#send();
    const { inputs } = this.#context;
    const leaf = { ...inputs, flags: flags ?? inputs.flags };
    const head = encodeRlp(inputsHeadFields(leaf));
    const part = await this.#writer.call<Uint8Array>("seal", this.#id, head, flags);
    // Answers come in order: what was added before is known.
    return executedFrom(part, { ...leaf, transactions: this.#transactions });
  }

  discard(): Promise<void> {
    this.#send();
    return this.#writer.call("discard", this.#id);
  }

  #send(): void {
    const group = this.#offered;
    this.#offered = [];
    if (group.length > 0) void this.#offer(group);
  }

  async #offer(group: readonly Offered[]): Promise<void> {
    try {
      const results = readAdded(await this.#writer.call<Uint8Array>("add", this.#id, addRequest(group)));
      for (const [i, result] of results.entries()) {
        if (result.included) {
          this.#transactions.push(group[i]!.transaction);
          this.#gasLeft -= result.gasUsed;
        }
        group[i]!.resolve(result);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
