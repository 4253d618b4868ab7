import { CertificateCollector } from "@metis/committee";
import type { Attester, SequencerSet } from "@metis/committee";
import type { MvmReader } from "@metis/mvm";
import type { BlockAttestation, Epoch, L2BlockNumber } from "@metis/protocol";
import type { ChainStore } from "../heads/store.ts";

export interface BlockAttestorOptions {
  readonly reader: MvmReader;
  readonly attester: Attester;
  readonly set: SequencerSet;
  readonly chain: ChainStore;
}

/** Signs committed blocks and keeps their certificates: the block is on disk before the signature, the certificate after it. */
export class BlockAttestor {
  readonly #options: BlockAttestorOptions;

  constructor(options: BlockAttestorOptions) {
    this.#options = options;
  }

  /**
   * Attests block `number` of a batch of `epoch`; it must be committed. Asking again is harmless.
   * Throws `double-sign` or `not-monotone`.
   */
  async attest(number: L2BlockNumber, epoch: Epoch): Promise<void> {
    const { attester, set, chain, reader } = this.#options;
    const block = await reader.block(number);
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
    const { digest, signature } = await attester.attest(attestation);
    const collector = new CertificateCollector(set, digest);
    collector.add(signature);
    const certificate = collector.certificate();
    if (!certificate) throw new Error("a pool of more than one seat needs an engine that gathers signatures");
    await chain.putSigned({ number, hash: attestation.blockHash }, { attestation, certificate });
  }
}
