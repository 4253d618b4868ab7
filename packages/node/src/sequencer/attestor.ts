import type { AttestationExchange } from "@metis/committee";
import type { BlockRef, MvmReader } from "@metis/mvm";
import type { BlockAttestation, Certificate, Epoch, Generation, L2BlockNumber } from "@metis/protocol";
import type { Address } from "viem";
import type { SignedBlock } from "../heads/records.ts";
import type { EpochSets } from "../pool/epochSets.ts";

export interface BlockAttestorOptions {
  readonly reader: Pick<MvmReader, "block" | "head">;
  readonly sets: Pick<EpochSets, "of">;
  readonly exchange: AttestationExchange;
  readonly generation: () => Generation;
  /** Certificates of blocks that the exchange remembers no more. */
  readonly certificateOf: (number: L2BlockNumber) => Pick<SignedBlock, "certificate"> | undefined;
}

/** Tells the pool what this member committed: the block is on disk before the signature. Certificates come when they come. */
export class BlockAttestor {
  readonly #options: BlockAttestorOptions;

  constructor(options: BlockAttestorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.exchange.start();
  }

  stop(): Promise<void> {
    return this.#options.exchange.stop();
  }

  /**
   * Attests block `number` of a batch of `epoch`; it must be committed. Asking again is harmless.
   * Throws `double-sign` or `not-monotone`, and what the set's source throws.
   */
  async attest(number: L2BlockNumber, epoch: Epoch): Promise<void> {
    const { sets, exchange, reader } = this.#options;
    const [block, set] = await Promise.all([reader.block(number), sets.of(epoch)]);
    if (!block?.inputs) throw new Error(`block ${number} is not stored with its inputs`);
    const attestation: BlockAttestation = {
      generation: block.inputs.generation,
      epoch,
      number,
      blockHash: block.hash,
      outputRoot: block.outputRoot,
      anchorNumber: block.inputs.anchorNumber,
      anchorHash: block.inputs.anchorHash,
    };
    await exchange.executed(attestation, set);
  }

  /** Members known to have attested block `number` as it is here, some of them twice; nobody when it is too old. */
  attestersOf(number: L2BlockNumber): readonly Address[] {
    const { exchange, certificateOf } = this.#options;
    return [...(exchange.signersOf(number) ?? []), ...signersOf(certificateOf(number)?.certificate)];
  }

  /** Blocks up to `number` are on L1 and need no certificate any more. */
  settled(number: L2BlockNumber): Promise<void> {
    return this.#options.exchange.settled(number);
  }

  /** What is known of blocks above the head is void. */
  reset(): Promise<void> {
    const { exchange, generation, reader } = this.#options;
    return exchange.reset(generation(), reader.head().number);
  }

  /** Runs `change` of the chain while nothing is signed or certified; forgets the blocks that it took back. */
  exclusively<T>(change: () => Promise<T>): Promise<T> {
    const { exchange, generation, reader } = this.#options;
    return exchange.exclusively(async (forget) => {
      const before = reader.head();
      try {
        return await change();
      } finally {
        if (!(await this.#holds(before))) forget(generation(), reader.head().number);
      }
    });
  }

  async #holds({ number, hash }: BlockRef): Promise<boolean> {
    const { reader } = this.#options;
    return reader.head().number >= number && (await reader.block(number))?.hash === hash;
  }
}

const signersOf = (certificate: Certificate | undefined): readonly Address[] =>
  certificate?.members.flatMap(({ signer }, i) => ((certificate.bitmap >> BigInt(i)) & 1n ? [signer] : [])) ?? [];
