import { AttestationExchange, Attester, EvidenceStore, MeshChannel, ProtectionStore } from "@metis/committee";
import type { CertifiedBlock } from "@metis/committee";
import { signingDomain } from "@metis/protocol";
import type { BlockAttestation } from "@metis/protocol";
import { recoverDigestSigner } from "../mempool/recover.ts";
import { BlockAttestor } from "../sequencer/attestor.ts";
import type { NodeBase } from "./base.ts";
import type { Seat } from "./seat.ts";

/** Signatures of blocks: this seat's own, and those of the others. `onEvidence` is told when one of them signed twice. */
export function wireAttestations(base: NodeBase, { signer, mesh }: Seat, onEvidence: () => void): BlockAttestor {
  const { deployment, store, chain, heads, status, epochSets, mvm, clock } = base;
  const logger = base.logger.child({ service: "attestations" });
  const domain = signingDomain(deployment.genesisConfig);
  const { signed, safe } = heads.heads();
  const exchange = new AttestationExchange(
    {
      domain,
      self: signer.address,
      attester: new Attester(signer, new ProtectionStore(store, signer.address), domain),
      mesh: mesh?.channels.channel(MeshChannel.attestations),
      evidence: new EvidenceStore(store),
      recover: recoverDigestSigner,
      isMember: (address) => epochSets.isMember(address),
      certified: (block) => keepCertificate(base, block),
      certificateOf: (number) => chain.certificate(number),
      equivocated: onEvidence,
      contradicted: (theirs, own) => haltOnContradiction(base, theirs, own),
      clock,
      logger,
    },
    status.generation,
    signed.number > safe.number ? signed.number : safe.number,
  );
  return new BlockAttestor({ reader: mvm.reader, sets: epochSets, exchange, generation: () => status.generation });
}

async function keepCertificate({ chain, heads }: NodeBase, block: CertifiedBlock): Promise<void> {
  const { number, blockHash: hash } = block.attestation;
  await chain.putSigned({ number, hash }, block);
  if (number > heads.heads().signed.number) heads.update({ signed: { number, hash } });
}

/** The pool signed another block than the one that was decided and executed here: this machine, or the pool, is wrong. */
function haltOnContradiction({ status, logger }: NodeBase, theirs: BlockAttestation, own: BlockAttestation): void {
  if (status.divergence) return;
  const message = `the pool signed block ${theirs.number} as ${theirs.blockHash}, which is ${own.blockHash} here`;
  const { generation, number, anchorNumber, anchorHash } = own;
  status
    .halt({
      kind: "pool-contradicts",
      generation,
      number,
      signedHash: own.blockHash,
      batchIndex: undefined,
      anchorNumber,
      anchorHash,
      message,
    })
    .catch((error: unknown) => logger.error("the divergence could not be kept", { error, message }));
}
