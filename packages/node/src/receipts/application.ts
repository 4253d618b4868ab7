import type {
  ConsensusApplication,
  FinalizeBlock,
  FinalizeResult,
  PrepareProposal,
  ProcessProposal,
} from "@metis/committee";
import { decodeBlockInputs } from "@metis/protocol";
import type { SetMember } from "@metis/protocol";
import type { Logger } from "@metis/runtime";
import type { ReceiptOrder } from "./order.ts";

/** An application whose own proposals keep to the receipts that this seat gave: no other ever leaves. */
export class ReceiptedApplication implements ConsensusApplication {
  readonly #inner: Required<ConsensusApplication>;
  readonly #order: ReceiptOrder;
  readonly #logger: Logger;

  constructor(inner: Required<ConsensusApplication>, order: ReceiptOrder, logger: Logger) {
    this.#inner = inner;
    this.#order = order;
    this.#logger = logger;
  }

  async isDue(request: Parameters<Required<ConsensusApplication>["isDue"]>[0]): Promise<boolean> {
    await this.#order.catchUp();
    return this.#inner.isDue(request);
  }

  async prepareProposal(request: PrepareProposal): Promise<Uint8Array | undefined> {
    await this.#order.prepare();
    const proposal = await this.#inner.prepareProposal(request);
    if (proposal === undefined || !this.#order.hasOffered) return proposal;
    if (this.#order.isKeptBy(decodeBlockInputs(proposal))) return proposal;
    this.#logger.error("a block of this seat would break the order of its receipts: it is not proposed");
    return undefined;
  }

  processProposal(request: ProcessProposal): Promise<"accept" | "reject"> {
    return this.#inner.processProposal(request);
  }

  membersOf(proposal: Uint8Array): Promise<readonly SetMember[] | undefined> {
    return this.#inner.membersOf(proposal);
  }

  finalizeBlock(request: FinalizeBlock): Promise<FinalizeResult> {
    return this.#inner.finalizeBlock(request);
  }
}
