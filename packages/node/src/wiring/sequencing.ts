import type { SequencerSet } from "@metis/committee";
import { epochOf } from "@metis/protocol";
import { lockingPoolAbi } from "@metis/protocol/contracts";
import type { Secret } from "@metis/runtime";
import { NodeError } from "../errors.ts";
import { whenL1Answers } from "../l1/errors.ts";
import { TransactionManager } from "../l1/transactions/manager.ts";
import type { Mempool } from "../mempool/api.ts";
import { ClockWatch } from "../pool/clockWatch.ts";
import { EpochFreezer } from "../pool/freezer.ts";
import type { HandoverKeeper } from "../pool/handover/keeper.ts";
import { ReceiptedApplication } from "../receipts/application.ts";
import type { ReceiptOrder } from "../receipts/order.ts";
import { AnchorSource } from "../sequencer/anchors.ts";
import { AttendanceBook } from "../sequencer/attendance.ts";
import { SequencerApplication } from "../sequencer/application.ts";
import { BlockMaker } from "../sequencer/maker.ts";
import { Sequencer } from "../sequencer/service.ts";
import { wireAccuser } from "./accusing.ts";
import type { Accusing } from "./accusing.ts";
import { wireAttestations } from "./attestations.ts";
import type { NodeBase } from "./base.ts";
import { embeddedBuildMs, embeddedLeadMs, wireEngine } from "./engine.ts";
import { wireKeeper } from "./handover.ts";
import { payerKey } from "./keys.ts";
import { wirePosting } from "./posting.ts";
import type { Posting } from "./posting.ts";
import type { Seat } from "./seat.ts";

/** L1 may have shown the proposer a block that it has not shown this member yet: so many milliseconds are waited for it. */
const anchorWaitMs = 300;

/** The services of a node that holds a seat. */
export interface Sequencing extends Posting, Accusing {
  readonly sequencer: Sequencer;
  readonly freezer: EpochFreezer;
  /** Absent in a pool of one. */
  readonly keeper: HandoverKeeper | undefined;
  /** The account that pays, on L1 and on L2. */
  readonly payer: Secret;
  readonly manager: TransactionManager;
}

/** Wires block production, posting and claims. Throws `NodeError` for missing keys. */
export async function wireSequencing(
  base: NodeBase,
  seat: Seat,
  mempool: Mempool,
  order: ReceiptOrder,
): Promise<Sequencing> {
  const { options, epochSets } = base;
  const payer = await payerKey(options);
  const set = await epochSets.of(0n);
  const manager = wireManager(base, payer);
  const freezer = wireFreezer(base, seat, manager);
  const accusing = wireAccuser(base, seat, manager);
  const sequencer = wireBlocks(base, seat, set, { mempool, order }, accusing);
  const keeper = wireKeeper(base, seat, manager);
  return { payer, manager, sequencer, freezer, keeper, ...wirePosting(base, seat, manager), ...accusing };
}

function wireBlocks(
  base: NodeBase,
  seat: Seat,
  set: SequencerSet,
  { mempool, order }: { readonly mempool: Mempool; readonly order: ReceiptOrder },
  accusing: Accusing,
): Sequencer {
  const { options, deployment, mvm, epochSets, chain, heads, status, l1, watcher, deposits, clock, metrics } = base;
  const { chainConfig: config } = deployment;
  const { signer, mesh } = seat;
  const logger = base.logger.child({ service: "sequencer" });
  const attestor = wireAttestations(base, seat, accusing);
  const maxBuildMs = options["sequencer.maxBuildMs"];
  // A set must be known before the first block of its epoch is due.
  const anchors = new AnchorSource(l1, deposits, watcher, config, (anchor) => epochSets.of(epochOf(config, anchor)));
  const maker = new BlockMaker({
    config,
    mvm,
    mempool: order,
    anchors,
    attendance: new AttendanceBook({
      config,
      reader: mvm.reader,
      // Rewards are paid by the sets that LockingPool froze, whatever a handover made of them.
      sets: { of: (epoch) => epochSets.of(epoch, 0) },
      attestersOf: (number) => attestor.attestersOf(number),
    }),
    watcher,
    clock,
    metrics,
    proposer: signer.address,
    maxBuildMs: mesh ? Math.min(maxBuildMs, embeddedBuildMs) : maxBuildMs,
    maxLeadMs: mesh ? embeddedLeadMs : 0,
    anchorWaitMs,
  });
  const clocks = new ClockWatch({
    config,
    self: signer.address,
    l1Time: () => watcher.view.head.timestamp,
    clock,
    metrics,
    logger,
  });
  const application = new SequencerApplication({
    config,
    mvm,
    maker,
    attestor,
    status,
    heads,
    sets: epochSets,
    logger,
    proposed: (inputs) => clocks.proposed(inputs),
  });
  const engine = wireEngine(base, seat, new ReceiptedApplication(application, order, logger), logger);
  return new Sequencer({
    config,
    mvm,
    engine,
    maker,
    attestor,
    status,
    chain,
    heads,
    anchors,
    mempool,
    clock,
    logger,
    trouble: () => seat.monitor.halted,
    checkSet: () => requireSetOnL1(base, set),
  });
}

/** L1 must know the set that this node signs with, or every batch would be refused. Not asked while L1 is silent. */
async function requireSetOnL1({ l1, deployment }: NodeBase, set: SequencerSet): Promise<void> {
  const read = () => l1.read(lockingPoolAbi, deployment.contracts.lockingPool, "setOf", [0n]);
  const onL1 = await whenL1Answers(read)(new AbortController().signal);
  if (onL1 && onL1[0] !== set.hash)
    throw new NodeError("not-in-set", "halt", "L1 knows another set of sequencers than the deployment file", {
      onL1: onL1[0],
      inFile: set.hash,
    });
}

function wireManager(base: NodeBase, privateKey: Secret): TransactionManager {
  const { options, deployment, store, l1, blobs, clock, metrics } = base;
  return new TransactionManager({
    l1,
    chainId: deployment.chainConfig.l1ChainId,
    privateKey,
    store,
    clock,
    logger: base.logger.child({ service: "batcher" }),
    metrics,
    pollMs: options["l1.pollMs"],
    resubmitMs: options["batcher.resubmitSeconds"] * 1000,
    maxFeePerGas: options["batcher.maxFeePerGas"],
    sidecarOf: (versionedHash) => blobs.sidecar(versionedHash),
  });
}

function wireFreezer(base: NodeBase, { signer }: Seat, manager: TransactionManager): EpochFreezer {
  const { deployment, epochSets: sets, l1, watcher, clock } = base;
  const { chainConfig: config, contracts } = deployment;
  const logger = base.logger.child({ service: "staking" });
  const self = signer.address;
  return new EpochFreezer({
    config,
    lockingPool: contracts.lockingPool,
    self,
    sets,
    l1,
    watcher,
    manager,
    clock,
    logger,
  });
}
