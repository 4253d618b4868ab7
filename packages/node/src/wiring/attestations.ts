import { AttestationExchange, Attester, EvidenceStore, MeshChannel, ProtectionStore } from "@metis/committee";
import type { CertifiedBlock } from "@metis/committee";
import { signingDomain } from "@metis/protocol";
import type { BlockAttestation } from "@metis/protocol";
import { recoverDigestSigner } from "../signatures.ts";
import type { PoolMonitor } from "../pool/monitor.ts";
import { BlockAttestor } from "../sequencer/attestor.ts";
import type { Accusing } from "./accusing.ts";
import type { NodeBase } from "./base.ts";
import type { Seat } from "./seat.ts";

/** Signatures of blocks: this seat's own, and those of the others, which `accusing` hears of. */
export function wireAttestations(base: NodeBase, seat: Seat, { accuser, pinWitness }: Accusing): BlockAttestor {
  const { signer, mesh, monitor } = seat;
  const { deployment, store, chain, heads, status, epochSets, mvm, clock, metrics } = base;
  const logger = base.logger.child({ service: "attestations" });
  const domain = signingDomain(deployment.genesisConfig);
  const { signed, safe } = heads.heads();
  const protection = new ProtectionStore(store, signer.address);
  const exchange = new AttestationExchange(
    {
      domain,
      self: signer.address,
      attester: new Attester(signer, protection, domain),
      mesh: mesh?.channels.channel(MeshChannel.attestations),
      evidence: new EvidenceStore(store),
      recover: recoverDigestSigner,
      heard: async (given, from) => {
        if (await pinWitness.heard(given, from)) accuser.wake();
      },
      isMember: (address) => epochSets.isMember(address),
      certified: (block) => keepCertificate(base, monitor, block),
      certificateOf: (number) => chain.certificate(number),
      equivocated: () => {
        monitor.equivocated();
        accuser.wake();
      },
      contradicted: (theirs, own) => haltOnContradiction(base, theirs, own),
      clock,
      logger,
    },
    status.generation,
    signed.number > safe.number ? signed.number : safe.number,
  );
  const lastSigned = (): number => Number(protection.highest()?.number ?? 0n);
  metrics.observed("signing", "1 while this seat may sign", () => (status.state().may ? 1 : 0));
  metrics.observed("own_signed_block", "Number of the last block that this seat signed", lastSigned);
  monitor.watchSigning(() => exchange.signingFailures);
  return new BlockAttestor({
    reader: mvm.reader,
    sets: epochSets,
    exchange,
    generation: () => status.generation,
    certificateOf: (number) => chain.certificate(number),
  });
}

async function keepCertificate(
  { chain, heads, mvm }: NodeBase,
  monitor: PoolMonitor,
  block: CertifiedBlock,
): Promise<void> {
  const { number, blockHash: hash } = block.attestation;
  await chain.putSigned({ number, hash }, block);
  monitor.certified(block, (await mvm.reader.block(number))?.inputs?.proposer);
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
