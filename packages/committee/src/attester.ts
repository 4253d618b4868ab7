import { blockAttestationDigest } from "@metis/protocol";
import type { BlockAttestation, SigningDomain } from "@metis/protocol";
import type { Hex } from "viem";
import type { ProtectionStore } from "./protection/store.ts";
import type { Signer } from "./signer.ts";

/** The only way to a block signature: protection first, key second. */
export class Attester {
  readonly #signer: Signer;
  readonly #protection: ProtectionStore;
  readonly #domain: SigningDomain;

  constructor(signer: Signer, protection: ProtectionStore, domain: SigningDomain) {
    this.#signer = signer;
    this.#protection = protection;
    this.#domain = domain;
  }

  /**
   * Signs that `attestation`'s block was decided and executed here. The record is on disk before the key is used.
   * Throws `double-sign` or `not-monotone` (docs/spec/structs.md, "BlockAttestation").
   */
  async attest(attestation: BlockAttestation): Promise<{ readonly digest: Hex; readonly signature: Hex }> {
    const digest = blockAttestationDigest(this.#domain, attestation);
    await this.#protection.admit({ generation: attestation.generation, number: attestation.number, digest });
    return { digest, signature: await this.#signer.sign(digest, { type: "BLOCK_ATTESTATION", attestation }) };
  }
}
