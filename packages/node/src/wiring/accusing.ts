import { EvidenceStore } from "@metis/committee";
import type { Epoch, Generation } from "@metis/protocol";
import { stateClaimsAbi } from "@metis/protocol/contracts";
import type { TransactionManager } from "../l1/transactions/manager.ts";
import { AbsenceWitness } from "../pool/absences.ts";
import { Accuser } from "../pool/accuser.ts";
import { PinWitness } from "../pool/brokenPins.ts";
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
}

export function wireAccuser(base: NodeBase, { signer }: Seat, manager: TransactionManager): Accusing {
  const { deployment, epochSets, chain, heads, mvm, l1, watcher, store, clock, metrics } = base;
  const { slashingManager, emergencyHandover, emissionReserve, stateClaims } = deployment.contracts;
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
  // Attendance is counted by the sets that LockingPool froze, whatever a handover made of them.
  const sets = { of: (epoch: Epoch) => epochSets.of(epoch, 0) };
  const absences = new AbsenceWitness({ config: deployment.chainConfig, emissionReserve, sets, l1, watcher, store });
  const pinOf = (generation: Generation) => epochSets.pinOf(generation);
  const pinWitness = new PinWitness({ emergencyHandover, pinOf, store, logger });
  const accuser = new Accuser({
    slashingManager,
    self: signer.address,
    witnesses: [equivocationWitness(new EvidenceStore(store)), orders, absences, pinWitness],
    store,
    l1,
    manager,
    onFinal: (listener) => onFinal(heads, listener),
    clock,
    logger,
  });
  return { accuser, orderWitness, pinWitness };
}

function onFinal(heads: NodeBase["heads"], listener: () => void): () => void {
  let last = heads.heads().finalized.number;
  return heads.subscribe(({ finalized }) => {
    if (finalized.number === last) return;
    last = finalized.number;
    listener();
  });
}
