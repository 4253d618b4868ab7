import type { EpochSets } from "./epochSets.ts";
import { buildCertificate, hasQuorum, stateClaimDigest, totalWeight } from "@metis/protocol";
import type { Certificate, Epoch, SigningDomain, StateClaim } from "@metis/protocol";
import type { Signer } from "@metis/committee";
import { NodeError } from "../errors.ts";

/** Gets a claim signed by the set of its batch's epoch. */
export interface ClaimCertifier {
  /** The certificate once more than two thirds have signed; rejects when `signal` aborts. */
  certify(claim: StateClaim, epoch: Epoch, signal: AbortSignal): Promise<Certificate>;
}

/** A seat that outweighs two thirds alone. Throws `not-in-set` (retry) in epochs in which it does not. */
export const soleCertifier = (domain: SigningDomain, signer: Signer, sets: EpochSets): ClaimCertifier => ({
  async certify(claim, epoch) {
    const { members } = await sets.of(epoch);
    const own = members.filter((member) => member.signer === signer.address);
    if (!hasQuorum(totalWeight(own), totalWeight(members)))
      throw new NodeError("not-in-set", "retry", `${signer.address} cannot sign for epoch ${epoch} alone`, { epoch });
    const digest = stateClaimDigest(domain, claim);
    return buildCertificate(digest, members, [await signer.sign(digest)]);
  },
});
