import type { InclusionProof } from "@metis/protocol";
import { slashingManagerAbi } from "@metis/protocol/contracts";
import { codecs, jsonCodec, openTable } from "@metis/runtime";
import type { Logger, Store } from "@metis/runtime";
import { encodeFunctionData } from "viem";
import type { Hex } from "viem";
import type { Accusation, Witness } from "../pool/accuser.ts";
import type { BrokenOrder, Inclusion } from "./evidence.ts";
import { proveInclusion } from "./inclusion.ts";
import type { InclusionSource } from "./inclusion.ts";
import type { SignedReceipt } from "./signed.ts";
import type { OrderWitness } from "./witness.ts";

export interface OrderAccusationsOptions {
  readonly witness: Pick<OrderWitness, "look">;
  readonly source: InclusionSource;
  /** Batches whose claims have settled on L1. */
  readonly settledCount: () => Promise<bigint>;
  readonly store: Store;
  readonly logger: Logger;
}

/** An accusation that L1 can check when so many claims have settled. */
interface Waiting extends Accusation {
  readonly needsSettled: bigint;
}

/**
 * What the witness finds, with its proofs, on disk: they are made while the blocks' state is kept, which is forgotten long before the
 * claims settle.
 */
export class OrderAccusations implements Witness {
  readonly #options: OrderAccusationsOptions;
  readonly #found;
  /** Not on disk yet. */
  readonly #unkept: BrokenOrder[] = [];

  constructor(options: OrderAccusationsOptions) {
    this.#options = options;
    this.#found = openTable(options.store, "brokenOrders", codecs.text, jsonCodec<Waiting>());
  }

  async accusations(signal: AbortSignal): Promise<readonly Accusation[]> {
    const { witness, settledCount } = this.#options;
    this.#unkept.push(...(await witness.look(signal)));
    for (; this.#unkept.length > 0; this.#unkept.shift()) await this.#keep(this.#unkept[0]!);
    const waiting = [...this.#found.entries()].map(([, accusation]) => accusation);
    if (waiting.length === 0) return [];
    const settled = await settledCount();
    return waiting.filter(({ needsSettled }) => needsSettled <= settled);
  }

  async #keep(broken: BrokenOrder): Promise<void> {
    const { store, logger } = this.#options;
    const { receipt, signer } = broken.kind === "sequence-twice" ? broken.first : broken.earlier.receipt;
    // The id under which L1 counts it once.
    const id = `order/${receipt.generation}/${receipt.sequence}/${signer}`;
    if (this.#found.get(id)) return;
    logger.error("a leader broke the order that it had signed", { signer, kind: broken.kind, ...receipt });
    const proven = broken.kind === "sequence-twice" ? doubleSequence(broken) : await this.#overtaken(broken);
    if (!proven) return logger.warn("its proof cannot be made: the blocks' state is not kept", { signer, id });
    await store.write([this.#found.put(id, { id, signer, offence: "broke the order of its receipts", ...proven })]);
  }

  async #overtaken({ earlier, later }: BrokenOrder & { kind: "overtaken" }): Promise<Proven | undefined> {
    const { source } = this.#options;
    const prove = ({ number, index }: Inclusion) => proveInclusion(source, number, index);
    const [passedOver, preferred] = [await prove(earlier), await prove(later)];
    if (!passedOver || !preferred) return undefined;
    const { batchIndex } = passedOver.batchIndex > preferred.batchIndex ? passedOver : preferred;
    const args = [included(earlier, passedOver), included(later, preferred)] as const;
    return {
      needsSettled: batchIndex + 1n,
      data: encodeFunctionData({ abi: slashingManagerAbi, functionName: "reportBrokenOrder", args }),
    };
  }
}

interface Proven {
  readonly needsSettled: bigint;
  readonly data: Hex;
}

const shown = ({ receipt, signature }: SignedReceipt) => ({ receipt, signature });

const included = ({ receipt }: Inclusion, inclusion: InclusionProof) => ({ signed: shown(receipt), inclusion });

const doubleSequence = ({ first, second }: BrokenOrder & { kind: "sequence-twice" }): Proven => ({
  needsSettled: 0n,
  data: encodeFunctionData({
    abi: slashingManagerAbi,
    functionName: "reportDoubleSequence",
    args: [shown(first), shown(second)],
  }),
});
