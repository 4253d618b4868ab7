import type { BlockRef, ExecutedBlock, Mvm } from "@metis/mvm";
import { MvmError } from "@metis/mvm";
import { blockAttestationDigest, CertificateError, MetisError, verifyCertificate } from "@metis/protocol";
import type { BlockAttestation, BlockInputs, Certificate, ChainConfig, SigningDomain } from "@metis/protocol";
import type { ChainHeads } from "../heads/heads.ts";
import type { ChainStore } from "../heads/store.ts";
import { L1Error } from "../l1/errors.ts";
import type { L1Watcher } from "../l1/watcher.ts";
import type { EpochSets } from "../pool/epochSets.ts";
import type { AnchorChoice, AnchorSource } from "../sequencer/anchors.ts";
import { afterBlock, readOpenBatch } from "../sequencer/batch.ts";
import type { OpenBatch } from "../sequencer/batch.ts";
import { parentView } from "../sequencer/parent.ts";
import type { SigningStatus } from "../sequencer/status.ts";
import { unboundPart } from "../sequencer/binding.ts";
import { brokenRule } from "../sequencer/votingRules.ts";
import type { VotingFacts } from "../sequencer/votingRules.ts";
import { recoverDigestSigner } from "../signatures.ts";
import { notYet, refused } from "./errors.ts";
import type { FeedBlock } from "./signedBlock.ts";

export interface BlockAdopterOptions {
  readonly config: ChainConfig;
  readonly domain: SigningDomain;
  readonly mvm: Mvm;
  readonly chain: ChainStore;
  readonly heads: ChainHeads;
  readonly status: SigningStatus;
  readonly sets: Pick<EpochSets, "of">;
  /** Reaches up to L1's head: how deep an anchor must lie is for those who sign. */
  readonly anchors: AnchorSource;
  readonly watcher: Pick<L1Watcher, "view" | "poke">;
  /** Runs a change of the chain while derivation makes none. */
  readonly exclusively: <T>(change: () => Promise<T>) => Promise<T>;
}

/** What a block is checked against. */
interface Place {
  readonly parent: BlockRef;
  readonly batch: OpenBatch;
}

/**
 * Takes signed blocks of others over, one after the other: believes the certificate what was decided, and its own execution
 * what that leads to (docs/spec/pool.md, "Signed blocks").
 */
export class BlockAdopter {
  readonly #options: BlockAdopterOptions;
  /** The batch that blocks on `parent` belong to. */
  #place: Place | undefined;

  constructor(options: BlockAdopterOptions) {
    this.#options = options;
  }

  /** Number of the block that can be taken over next. */
  get next(): bigint {
    return this.#options.heads.heads().signed.number + 1n;
  }

  /** Makes `block` the signed head, or throws `FeedError`, and `L1Error` while L1 does not answer. Nothing is changed then. */
  async adopt(block: FeedBlock): Promise<void> {
    const { heads } = this.#options;
    const parent = heads.heads().signed;
    try {
      await this.#adoptOn(parent, block);
    } catch (error) {
      // What was read while the chain was taken back under it says nothing about the block.
      if (heads.heads().signed.hash === parent.hash) throw error;
      throw notYet("moved", block.attestation.number, "the chain moved meanwhile");
    }
  }

  async #adoptOn(parent: BlockRef, block: FeedBlock): Promise<void> {
    const place = await this.#placeOn(parent);
    const { inputs, attestation } = block;
    this.#requireOrder(block, place.parent);
    this.#requireGeneration(attestation);
    const certificate = await this.#checkCertificate(block, place.batch);
    const anchor = await this.#anchorOf(inputs, place.parent);
    await this.#requireRules(inputs, place, anchor);
    const { exclusively } = this.#options;
    await exclusively(() => this.#commit(block, place, { anchor, certificate }));
    this.#place = {
      parent: { number: inputs.number, hash: attestation.blockHash },
      batch: afterBlock(this.#options.config, place.batch, inputs),
    };
  }

  async #placeOn(parent: BlockRef): Promise<Place> {
    const { config, mvm } = this.#options;
    if (this.#place?.parent.hash !== parent.hash)
      this.#place = { parent, batch: await readOpenBatch(config, mvm.reader, parent.number) };
    return this.#place;
  }

  #requireOrder({ inputs, attestation }: FeedBlock, parent: BlockRef): void {
    const { number } = attestation;
    if (number !== parent.number + 1n) throw refused("out-of-order", number, `${parent.number + 1n} was expected`);
    const same =
      inputs.number === number &&
      inputs.generation === attestation.generation &&
      inputs.anchorNumber === attestation.anchorNumber &&
      inputs.anchorHash === attestation.anchorHash;
    if (!same) throw refused("inputs-differ", number, "its inputs are not those of the block that is attested");
  }

  #requireGeneration({ number, generation }: BlockAttestation): void {
    const state = this.#options.status.state();
    if (!state.may) throw notYet("moved", number, state.reason);
    if (generation < state.generation)
      throw refused("generation-behind", number, `signed in generation ${generation}, L1 is in ${state.generation}`);
    if (generation > state.generation)
      throw notYet("generation-ahead", number, `signed in generation ${generation}, L1 shows ${state.generation} here`);
  }

  async #checkCertificate(block: FeedBlock, { epoch }: OpenBatch): Promise<Certificate> {
    const { attestation, bitmap, signatures } = block;
    const { number } = attestation;
    if (attestation.epoch !== epoch)
      throw refused("wrong-epoch", number, `it says epoch ${attestation.epoch}, its batch is of epoch ${epoch}`);
    const { sets, domain } = this.#options;
    const { members, hash } = await sets.of(epoch);
    const certificate = { bitmap, signatures, members };
    try {
      verifyCertificate(certificate, blockAttestationDigest(domain, attestation), hash, recoverDigestSigner);
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      throw refused("certificate-invalid", number, `its certificate does not count: ${error.message}`, error);
    }
    return certificate;
  }

  /** The anchor on L1 as this node sees it; depth is not asked for. */
  async #anchorOf(inputs: BlockInputs, parent: BlockRef): Promise<AnchorChoice | undefined> {
    const { config, mvm, anchors, watcher } = this.#options;
    const unknown = (why: string) => {
      watcher.poke();
      return notYet("anchor-unknown", inputs.number, why);
    };
    if (inputs.anchorNumber > watcher.view.head.number)
      throw unknown(`its anchor, L1 block ${inputs.anchorNumber}, has not been seen here yet`);
    const { anchorNumber: number, anchorHash: hash } = await parentView(config, mvm.reader, parent.number);
    try {
      const anchor = await anchors.at({ number, hash }, inputs.anchorNumber);
      if (anchor && anchor.header.hash !== inputs.anchorHash)
        throw unknown(`L1 block ${inputs.anchorNumber} is another here than its anchor ${inputs.anchorHash}`);
      return anchor;
    } catch (error) {
      if (error instanceof L1Error && error.code === "l1-block-unknown") throw unknown(error.message);
      throw error;
    }
  }

  /** The clock is for those who vote: what they signed is in time. */
  async #requireRules(inputs: BlockInputs, { parent, batch }: Place, anchor: AnchorChoice | undefined): Promise<void> {
    const { config, mvm } = this.#options;
    const facts = {
      config,
      parent: await parentView(config, mvm.reader, parent.number),
      anchor,
      now: { clock: inputs.time, l1Time: 0n },
      cutter: batch.cutter,
    };
    const broken = brokenOrMalformed(inputs, facts);
    if (broken !== undefined || !anchor) throw refused("rule-broken", inputs.number, broken ?? "it has no anchor");
  }

  async #commit(
    { inputs, attestation }: FeedBlock,
    { parent }: Place,
    checked: { readonly anchor: AnchorChoice | undefined; readonly certificate: Certificate },
  ): Promise<void> {
    const { mvm, chain, heads } = this.#options;
    if (heads.heads().signed.hash !== parent.hash) throw notYet("moved", inputs.number, "the chain moved meanwhile");
    this.#requireGeneration(attestation);
    const { anchor, certificate } = checked;
    if (anchor && !(await this.#holds(attestation))) await this.#execute(inputs, attestation, anchor);
    const block = { number: attestation.number, hash: attestation.blockHash };
    await chain.putSigned(block, { attestation, certificate });
    heads.update({ unsafe: mvm.head(), signed: block });
  }

  /** Whether the block is here without its certificate, as after a crash between the two, or while a batch is derived. */
  async #holds({ number, blockHash }: BlockAttestation): Promise<boolean> {
    const { mvm } = this.#options;
    if (mvm.head().number < number) return false;
    if ((await mvm.reader.block(number))?.hash === blockHash) return true;
    throw notYet("held-otherwise", number, "another one is here already, without a certificate: L1 will tell");
  }

  async #execute(inputs: BlockInputs, attestation: BlockAttestation, anchor: AnchorChoice): Promise<void> {
    const { mvm } = this.#options;
    const context = { inputs, anchorHeader: anchor.header.rlp, deposits: anchor.deposits };
    const block = await mvm.execute(context).catch((error: unknown) => {
      if (!(error instanceof MvmError) || error.remedy !== "reject") throw error;
      throw refused("execution-differs", inputs.number, `it cannot be executed: ${error.message}`, error);
    });
    const why = difference(block, attestation);
    if (why !== undefined) throw refused("execution-differs", inputs.number, why);
    await mvm.commit(block.hash);
  }
}

/** Transactions that no payload can carry are malformed, and said so by an error. */
function brokenOrMalformed(inputs: BlockInputs, facts: VotingFacts): string | undefined {
  try {
    return brokenRule(inputs, facts);
  } catch (error) {
    if (error instanceof MetisError && error.remedy === "reject") return error.message;
    throw error;
  }
}

function difference(block: ExecutedBlock, { blockHash, outputRoot }: BlockAttestation): string | undefined {
  if (block.hash !== blockHash) return `it executes to ${block.hash} here, ${blockHash} is attested`;
  if (block.outputRoot !== outputRoot)
    return `it leads to the output root ${block.outputRoot} here, ${outputRoot} is attested`;
  return unboundPart(block);
}
