import { CommitteeError, holdsSeat } from "@metis/committee";
import type {
  ConsensusApplication,
  FinalizeBlock,
  FinalizeResult,
  IsDue,
  PrepareProposal,
  ProcessProposal,
} from "@metis/committee";
import type { ExecutedBlock, Mvm, MvmReader } from "@metis/mvm";
import { decodeBlockInputs, encodeBlockInputs, epochOf, isSameInputs, MetisError } from "@metis/protocol";
import type { BlockInputs, ChainConfig, Epoch, SetMember } from "@metis/protocol";
import type { Logger } from "@metis/runtime";
import type { ChainHeads } from "../heads/heads.ts";
import { L1Error } from "../l1/errors.ts";
import type { EpochSets } from "../pool/epochSets.ts";
import { endsBatch } from "./batch.ts";
import { unboundPart } from "./binding.ts";
import type { BlockMaker } from "./maker.ts";
import type { SigningStatus } from "./status.ts";
import type { BlockAttestor } from "./attestor.ts";

export interface SequencerApplicationOptions {
  readonly config: ChainConfig;
  readonly mvm: Pick<Mvm, "head" | "execute" | "commit"> & { readonly reader: Pick<MvmReader, "block"> };
  readonly maker: BlockMaker;
  readonly attestor: BlockAttestor;
  readonly status: SigningStatus;
  readonly heads: ChainHeads;
  readonly sets: Pick<EpochSets, "of">;
  readonly logger: Logger;
  /** A member proposes a block now. */
  readonly proposed?: (inputs: BlockInputs) => void;
}

/** A proposal that was made or executed here, and may be decided. */
interface Pending {
  readonly proposal: Uint8Array;
  readonly inputs: BlockInputs;
  readonly block: ExecutedBlock;
}

/** What the consensus engine drives: makes, checks, commits and attests blocks. */
export class SequencerApplication implements ConsensusApplication {
  readonly #options: SequencerApplicationOptions;
  #pending: Pending | undefined;

  constructor(options: SequencerApplicationOptions) {
    this.#options = options;
  }

  async isDue({ leads }: IsDue): Promise<boolean> {
    const { maker, status } = this.#options;
    return status.state().may && ((await whileL1Answers(() => maker.isDue(leads))) ?? false);
  }

  async prepareProposal(_request: PrepareProposal): Promise<Uint8Array | undefined> {
    const { maker, status } = this.#options;
    const state = status.state();
    if (!state.may) return undefined;
    const block = await whileL1Answers(() => maker.make(state.generation));
    if (!block) return undefined;
    const proposal = encodeBlockInputs(block.inputs);
    this.#pending = { proposal, inputs: block.inputs, block };
    return proposal;
  }

  /** Members execute before they vote; what was built or executed here already is not executed again. */
  async processProposal({ proposer, proposal }: ProcessProposal): Promise<"accept" | "reject"> {
    if (proposal.length === 0) return "accept";
    const { sets, status, maker, logger } = this.#options;
    const state = status.state();
    if (!state.may) return "reject";
    const pending = this.#pendingAs(proposal);
    try {
      const inputs = pending?.inputs ?? decodeBlockInputs(proposal);
      if (inputs.generation !== state.generation || inputs.proposer !== proposer) return "reject";
      if (pending) return "accept";
      const { epoch } = await maker.openBatch();
      if (!holdsSeat(await sets.of(epoch), proposer)) return "reject";
      this.#options.proposed?.(inputs);
      const block = await this.#execute(inputs);
      if (!block) return "reject";
      this.#pending = { proposal, inputs, block };
      return "accept";
    } catch (error) {
      if (!(error instanceof MetisError) || error.remedy === "halt" || error.remedy === "retry") throw error;
      logger.warn("a proposal was refused", { proposer, error });
      return "reject";
    }
  }

  async membersOf(proposal: Uint8Array): Promise<readonly SetMember[] | undefined> {
    const { mvm, maker, sets } = this.#options;
    const inputs = whatDecodes(proposal);
    if (!inputs) return undefined;
    const own = (await mvm.reader.block(inputs.number))?.inputs;
    if (!own || !isSameInputs(own, inputs)) return undefined;
    return (await sets.of(await maker.epochOf(inputs.number))).members;
  }

  async finalizeBlock({ proposal }: FinalizeBlock): Promise<FinalizeResult> {
    if (proposal.length === 0) return {};
    const { mvm, attestor, heads, maker, status } = this.#options;
    const inputs = this.#pendingAs(proposal)?.inputs ?? decodeBlockInputs(proposal);
    const epoch = await maker.epochOf(inputs.number);
    const isNew = mvm.head().number < inputs.number;
    if (isNew) await this.#commit(proposal, inputs);
    else await this.#requireCommitted(inputs);
    heads.update({ unsafe: mvm.head() });
    // What L1 has needs no certificate; a member that catches up signs only what others may still wait for.
    if (inputs.number > heads.heads().safe.number && status.state().may) await attestor.attest(inputs.number, epoch);
    if (isNew) maker.committed(inputs);
    else maker.reset();
    const next = await this.#nextSet(inputs, epoch);
    return next ? { validatorUpdates: next } : {};
  }

  /** The set of the epoch that begins behind a batch end, when it is another one. */
  async #nextSet(inputs: BlockInputs, epoch: Epoch): Promise<readonly SetMember[] | undefined> {
    const { config, sets } = this.#options;
    const nextEpoch = epochOf(config, inputs.anchorNumber);
    if (!endsBatch(inputs) || nextEpoch === epoch) return undefined;
    const [old, next] = await Promise.all([sets.of(epoch), sets.of(nextEpoch)]);
    return next.hash === old.hash ? undefined : next.members;
  }

  #pendingAs(proposal: Uint8Array): Pending | undefined {
    return this.#pending && Buffer.compare(this.#pending.proposal, proposal) === 0 ? this.#pending : undefined;
  }

  async #commit(proposal: Uint8Array, inputs: BlockInputs): Promise<void> {
    const { mvm, status } = this.#options;
    if (status.isOver(inputs.generation)) throw overtaken(inputs);
    const block = this.#pendingAs(proposal)?.block ?? (await this.#execute(inputs, true));
    this.#pending = undefined;
    if (!block) throw overtaken(inputs);
    await mvm.commit(block.hash);
  }

  /** A block that is asked for again must be the one that was committed then. */
  async #requireCommitted(inputs: BlockInputs): Promise<void> {
    const own = (await this.#options.mvm.reader.block(inputs.number))?.inputs;
    if (!own || !isSameInputs(own, inputs)) throw overtaken(inputs);
  }

  /** Executes a foreign proposal if it keeps every rule, its hash binding all of its inputs among them. */
  async #execute(inputs: BlockInputs, isDecided = false): Promise<ExecutedBlock | undefined> {
    const { mvm, maker, logger } = this.#options;
    const context = await maker.contextOf(inputs, isDecided);
    if ("broken" in context) {
      logger.warn("a proposal breaks a rule", {
        number: inputs.number,
        proposer: inputs.proposer,
        why: context.broken,
      });
      return undefined;
    }
    const block = await mvm.execute(context);
    const unbound = unboundPart(block);
    if (unbound === undefined) return block;
    logger.warn("a proposal breaks a rule", { number: inputs.number, proposer: inputs.proposer, why: unbound });
    return undefined;
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

function whatDecodes(proposal: Uint8Array): BlockInputs | undefined {
  try {
    return decodeBlockInputs(proposal);
  } catch {
    return undefined;
  }
}
