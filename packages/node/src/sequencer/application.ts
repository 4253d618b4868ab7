import { CommitteeError, holdsSeat } from "@metis/committee";
import type {
  ConsensusApplication,
  FinalizeBlock,
  FinalizeResult,
  PrepareProposal,
  ProcessProposal,
  SequencerSet,
} from "@metis/committee";
import type { ExecutedBlock, Mvm } from "@metis/mvm";
import { inputsLeaf, MetisError } from "@metis/protocol";
import type { BlockInputs } from "@metis/protocol";
import type { Logger } from "@metis/runtime";
import type { ChainHeads } from "../heads/heads.ts";
import { L1Error } from "../l1/errors.ts";
import type { BlockMaker } from "./maker.ts";
import { decodeProposal, encodeProposal } from "./proposal.ts";
import type { SigningStatus } from "./status.ts";
import type { BlockAttestor } from "./attestor.ts";

export interface SequencerApplicationOptions {
  readonly mvm: Mvm;
  readonly maker: BlockMaker;
  readonly attestor: BlockAttestor;
  readonly status: SigningStatus;
  readonly heads: ChainHeads;
  readonly set: SequencerSet;
  readonly logger: Logger;
}

interface Pending {
  readonly proposal: string;
  readonly block: ExecutedBlock;
}

/** What the consensus engine drives: makes, checks, commits and attests blocks. */
export class SequencerApplication implements ConsensusApplication {
  readonly #options: SequencerApplicationOptions;
  #pending: Pending | undefined;

  constructor(options: SequencerApplicationOptions) {
    this.#options = options;
  }

  async prepareProposal(_request: PrepareProposal): Promise<Uint8Array | undefined> {
    const { maker, status } = this.#options;
    const state = status.state();
    if (!state.may) return undefined;
    const block = await whileL1Answers(() => maker.make(state.generation));
    if (!block) return undefined;
    const proposal = encodeProposal(block.inputs);
    this.#pending = { proposal: key(proposal), block };
    return proposal;
  }

  /** Members execute before they vote; what was built or executed here already is not executed again. */
  async processProposal({ proposer, proposal }: ProcessProposal): Promise<"accept" | "reject"> {
    if (proposal.length === 0) return "accept";
    if (this.#pending?.proposal === key(proposal)) return "accept";
    const { set, status, maker, logger } = this.#options;
    const state = status.state();
    try {
      const inputs = decodeProposal(proposal);
      if (!state.may || inputs.generation !== state.generation) return "reject";
      if (inputs.proposer !== proposer || !holdsSeat(set, proposer)) return "reject";
      const block = await this.#execute(inputs);
      if (!block) return "reject";
      this.#pending = { proposal: key(proposal), block };
      return "accept";
    } catch (error) {
      if (!(error instanceof MetisError) || error.remedy === "halt" || error.remedy === "retry") throw error;
      logger.warn("a proposal was refused", { proposer, error });
      return "reject";
    } finally {
      maker.reset();
    }
  }

  async finalizeBlock({ proposal }: FinalizeBlock): Promise<FinalizeResult> {
    if (proposal.length === 0) return {};
    const { mvm, attestor, heads, maker } = this.#options;
    const inputs = decodeProposal(proposal);
    const epoch = await maker.epochOf(inputs.number);
    if (mvm.head().number < inputs.number) await this.#commit(proposal, inputs);
    else await this.#requireCommitted(inputs);
    const head = mvm.head();
    heads.update({ unsafe: head });
    await attestor.attest(inputs.number, epoch);
    heads.update({ signed: head });
    maker.committed(inputs);
    return {};
  }

  async #commit(proposal: Uint8Array, inputs: BlockInputs): Promise<void> {
    const { mvm } = this.#options;
    const block = this.#pending?.proposal === key(proposal) ? this.#pending.block : await this.#execute(inputs);
    this.#pending = undefined;
    if (!block) throw overtaken(inputs);
    await mvm.commit(block.hash);
  }

  /** A block that is asked for again must be the one that was committed then. */
  async #requireCommitted(inputs: BlockInputs): Promise<void> {
    const own = (await this.#options.mvm.reader.block(inputs.number))?.inputs;
    if (!own || inputsLeaf(own) !== inputsLeaf(inputs)) throw overtaken(inputs);
  }

  /** Executes a foreign proposal if it keeps every rule; honest members vote for no block with a skipped transaction. */
  async #execute(inputs: BlockInputs): Promise<ExecutedBlock | undefined> {
    const { mvm, maker, logger } = this.#options;
    const context = await maker.contextOf(inputs);
    if ("broken" in context) {
      logger.warn("a proposal breaks a rule", {
        number: inputs.number,
        proposer: inputs.proposer,
        why: context.broken,
      });
      return undefined;
    }
    const block = await mvm.execute(context);
    return block.skipped.length === 0 ? block : undefined;
  }
}

/** Between decision and commit the chain went another way: an escape or a divergence took it back. */
const overtaken = ({ number }: BlockInputs): CommitteeError =>
  new CommitteeError("proposal-rejected", "reset", `the decided block ${number} no longer follows the chain`, {
    number,
  });

/** Without an answer of L1 no block is made that needs one; the client has said so, and the next wake tries again. */
const whileL1Answers = <T>(make: () => Promise<T>): Promise<T | undefined> =>
  make().catch((error: unknown) => {
    if (error instanceof L1Error && error.code === "l1-unavailable") return undefined;
    throw error;
  });

const key = (proposal: Uint8Array): string => Buffer.from(proposal).toString("latin1");
