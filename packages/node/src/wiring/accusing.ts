import { EvidenceStore } from "@metis/committee";
import type { Epoch, Generation } from "@metis/protocol";
import { stateClaimsAbi } from "@metis/protocol/contracts";
import type { TransactionManager } from "../l1/transactions/manager.ts";
import { AbsenceWitness } from "../pool/absences.ts";
import { Accuser } from "../pool/accuser.ts";
import type { Witness } from "../pool/accuser.ts";
import { PinWitness } from "../pool/brokenPins.ts";
import { EvidenceDesk, EvidenceGatherer } from "../pool/evidence.ts";
import { equivocationWitness } from "../pool/equivocations.ts";
import { OrderAccusations } from "../receipts/accusations.ts";
import { OrderWitness } from "../receipts/witness.ts";
import type { NodeBase } from "./base.ts";
import type { Seat } from "./seat.ts";

/** Who looks for offences of other seats and brings them to L1. */
export interface Accusing {
  readonly accuser: Accuser;
  /** To be told of every receipt that this node hears of. */
  readonly orderWitness: OrderWitness;
  /** To be told of every attestation that this node hears of. */
  readonly pinWitness: PinWitness;
  /** What was found, for everybody. */
  readonly evidence: EvidenceDesk;
}

/** Who looks for offences from outside of the pool, for others to bring to L1. */
export interface Watching {
  readonly gatherer: EvidenceGatherer;
  readonly evidence: EvidenceDesk;
}

export function wireAccuser(base: NodeBase, { signer }: Seat, manager: TransactionManager): Accusing {
  const { deployment, epochSets, chain, heads, mvm, l1, store, clock, metrics } = base;
  const { slashingManager, emergencyHandover, stateClaims } = deployment.contracts;
  const { reader } = mvm;
  const logger = base.logger.child({ service: "staking" });
  const orderWitness = new OrderWitness({
    block: async (number) => {
      const block = await reader.block(number);
      return block?.inputs && { ...block.inputs, transactionHashes: block.transactionHashes };
    },
    find: async (hash) => (await reader.transaction(hash))?.block.number,
    finalized: () => heads.heads().finalized.number,
  });
  metrics.observed("receipts_witnessed", "Receipts of others compared with final blocks", () => orderWitness.count);
  const orders = new OrderAccusations({
    witness: orderWitness,
    source: { chain, reader },
    settledCount: () => l1.read(stateClaimsAbi, stateClaims, "settledCount", []),
    store,
    logger,
  });
  const pinOf = (generation: Generation) => epochSets.pinOf(generation);
  const pinWitness = new PinWitness({ emergencyHandover, pinOf, store, logger });
  const evidence = new EvidenceDesk(slashingManager);
  const accuser = new Accuser({
    slashingManager,
    self: signer.address,
    witnesses: [...publicWitnesses(base), orders, pinWitness].map((witness) => evidence.heard(witness)),
    store,
    l1,
    manager,
    onFinal: (listener) => onFinal(heads, listener),
    clock,
    logger,
  });
  return { accuser, orderWitness, pinWitness, evidence };
}

/** What a node without a seat finds: it hears no member, but L1 and the feeds that it follows. */
export function wireWatching(base: NodeBase): Watching {
  const { heads, clock, deployment } = base;
  const evidence = new EvidenceDesk(deployment.contracts.slashingManager);
  const gatherer = new EvidenceGatherer({
    witnesses: publicWitnesses(base).map((witness) => evidence.heard(witness)),
    onFinal: (listener) => onFinal(heads, listener),
    clock,
    logger: base.logger.child({ service: "evidence" }),
  });
  return { gatherer, evidence };
}

/** Those that need no link to a member: signatures that are on the disk, and attendance on L1. */
function publicWitnesses({ deployment, epochSets, l1, watcher, store }: NodeBase): readonly Witness[] {
  const { chainConfig: config, contracts } = deployment;
  const { emissionReserve } = contracts;
  // Attendance is counted by the sets that LockingPool froze, whatever a handover made of them.
  const sets = { of: (epoch: Epoch) => epochSets.of(epoch, 0) };
  const absences = new AbsenceWitness({ config, emissionReserve, sets, l1, watcher, store });
  return [equivocationWitness(new EvidenceStore(store)), absences];
}

function onFinal(heads: NodeBase["heads"], listener: () => void): () => void {
  let last = heads.heads().finalized.number;
  return heads.subscribe(({ finalized }) => {
    if (finalized.number === last) return;
    last = finalized.number;
    listener();
  });
}
