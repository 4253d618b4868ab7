import { signaturesBySigner } from "@metis/committee";
import type { EvidenceStore, SignedAttestation } from "@metis/committee";
import { blockAttestationDigest } from "@metis/protocol";
import type { BlockAttestation, Hash, L2BlockNumber, SetMember, SigningDomain } from "@metis/protocol";
import { RunningLoop } from "@metis/runtime";
import type { Clock, Health, Logger, Service } from "@metis/runtime";
import type { Address, Hex } from "viem";
import type { ChainHeads } from "../heads/heads.ts";
import type { ChainStore } from "../heads/store.ts";
import { EpochSetError } from "../pool/epochSets.ts";
import type { EpochSets } from "../pool/epochSets.ts";
import type { FeedBlock } from "./signedBlock.ts";
import type { FeedSource } from "./source.ts";

export interface FeedComparisonOptions {
  readonly sources: readonly FeedSource[];
  readonly domain: SigningDomain;
  readonly chain: Pick<ChainStore, "certificate">;
  readonly heads: Pick<ChainHeads, "heads">;
  readonly sets: Pick<EpochSets, "of">;
  readonly evidence: Pick<EvidenceStore, "has" | "put">;
  /** Signer of 65 bytes over a digest; nothing for what is none. */
  readonly recover: (digest: Hash, signature: Hex) => Address | undefined;
  /** There is new evidence on the disk. */
  readonly found: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One feed after the other is asked so often for the block that this node holds. */
const intervalMs = 10_000;

/**
 * Compares what feeds show with what this node took over: whoever signed both of two blocks of one number has broken its word, whatever
 * was shown to whom. A feed that hides one of them cannot be found out by asking that feed.
 */
export class FeedComparison implements Service {
  readonly name = "feed-comparison";
  readonly #options: FeedComparisonOptions;
  readonly #loop: RunningLoop;
  #asked = 0;

  constructor(options: FeedComparisonOptions) {
    const { clock, logger } = options;
    this.#options = options;
    this.#loop = new RunningLoop({ name: this.name, clock, logger, intervalMs, pass: (signal) => this.#pass(signal) });
  }

  start(): Promise<void> {
    return this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  health(): Health {
    return this.#loop.health();
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { sources, heads, logger } = this.#options;
    const { number } = heads.heads().signed;
    const source = sources[this.#asked++ % sources.length];
    if (!source || number === 0n) return;
    try {
      for (const block of await blocksAt(source, number, signal)) await this.compare(block);
    } catch (error) {
      // Whether a feed is up is the follower's affair.
      logger.debug("a feed could not be compared", { feed: source.name, error });
    }
  }

  /** Keeps as evidence, durably, whom `block` shows to have signed another block than the one of its number here. */
  async compare({ attestation, bitmap, signatures }: FeedBlock): Promise<void> {
    const { domain, chain, evidence, recover, found, logger } = this.#options;
    const own = chain.certificate(attestation.number);
    if (own?.attestation.generation !== attestation.generation) return;
    const digest = blockAttestationDigest(domain, attestation);
    if (digest === blockAttestationDigest(domain, own.attestation)) return;
    const members = await this.#membersOf(attestation);
    const ours = new Map(
      signaturesBySigner(own.certificate.bitmap, own.certificate.signatures, own.certificate.members),
    );
    for (const [signer, signature] of signaturesBySigner(bitmap, signatures, members) ?? []) {
      const known = ours.get(signer);
      if (known === undefined || evidence.has(attestation.generation, attestation.number, signer)) continue;
      if (recover(digest, signature) !== signer) continue;
      const first: SignedAttestation = { attestation: own.attestation, signature: known };
      await evidence.put({ signer, first, second: { attestation, signature } });
      const { generation, number } = attestation;
      logger.error("a member signed two blocks of one number, as a feed shows", { signer, generation, number });
      found();
    }
  }

  async #membersOf({ epoch, generation }: BlockAttestation): Promise<readonly SetMember[]> {
    try {
      return (await this.#options.sets.of(epoch, generation)).members;
    } catch (error) {
      // An epoch that L1 has not reached has signed nothing.
      if (error instanceof EpochSetError && error.code === "set-unknown") return [];
      throw error;
    }
  }
}

/** The block `number` of a feed, or its highest below. */
async function blocksAt(source: FeedSource, number: L2BlockNumber, signal: AbortSignal): Promise<readonly FeedBlock[]> {
  const { signed, blocks } = await source.range(number, 1, signal);
  if (blocks.length > 0 || signed === 0n || signed >= number) return blocks;
  return (await source.range(signed, 1, signal)).blocks;
}
