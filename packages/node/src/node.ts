import { MeshChannel } from "@metis/committee";
import { createMetrics, JsonRpcServer, MethodRegistry, systemClock, systemRng } from "@metis/runtime";
import type { Clock, Logger, Metrics, Rng, Service, ServiceGroup } from "@metis/runtime";
import type { Hash } from "@metis/protocol";
import type { Hex } from "viem";
import type { NodeConfig } from "./config.ts";
import { readDeployment } from "./deploy/file.ts";
import type { L1Deployment } from "./deploy/deployment.ts";
import { BatchApplier } from "./derivation/apply.ts";
import { ChainWriter } from "./derivation/chainWriter.ts";
import { Derivation } from "./derivation/derivation.ts";
import { serially } from "./derivation/serial.ts";
import { l1Source } from "./derivation/source.ts";
import { NodeError } from "./errors.ts";
import { forwardCalls, forwardTo, forwardWithReceipt } from "./feed/forward.ts";
import type { FeedView } from "./feed/progress.ts";
import { blobPage } from "./l1/blobs/pages.ts";
import { TransactionGossip } from "./mempool/gossip.ts";
import { MempoolService } from "./mempool/mempool.ts";
import type { EvidenceDesk } from "./pool/evidence.ts";
import type { PoolMesh } from "./pool/poolMesh.ts";
import { EthApi } from "./rpc/ethApi.ts";
import { ServedNode } from "./servedNode.ts";
import type { ReceiptDesk } from "./receipts/desk.ts";
import { rollupMethods } from "./rollup-rpc/methods.ts";
import { sendAtDesk } from "./rollup-rpc/receipts.ts";
import type { SendWithReceipt } from "./rollup-rpc/receipts.ts";
import { openBase } from "./wiring/base.ts";
import type { NodeBase } from "./wiring/base.ts";
import { wireReceiptDesk, wireReceipts } from "./wiring/receipts.ts";
import { wireRewards } from "./wiring/rewards.ts";
import { wireSeat } from "./wiring/seat.ts";
import type { Seat } from "./wiring/seat.ts";
import { wireHandovers } from "./wiring/handover.ts";
import { wireReplica } from "./wiring/replica.ts";
import { wireSequencing } from "./wiring/sequencing.ts";

export interface NodeParts {
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly rng?: Rng;
  readonly metrics?: Metrics;
  /** Instead of the file that `deployment` names. */
  readonly deployment?: L1Deployment;
}

/** Runs a change of the chain while nobody else makes one. */
type Exclusively = <T>(change: () => Promise<T>) => Promise<T>;

/** What JSON-RPC shows beside the chain, and where it passes transactions on to. */
interface RpcParts {
  readonly feed: FeedView | undefined;
  readonly seat: Seat | undefined;
  readonly evidence: EvidenceDesk | undefined;
  readonly send: ((raw: Hex) => Promise<Hash>) | undefined;
  readonly sendWithReceipt: SendWithReceipt | undefined;
  /** Where this seat's receipts are seen. */
  readonly desk: ReceiptDesk | undefined;
}

/** What nodes call themselves to their clients. */
export const clientVersion = "metis/0.0.0";
/** How long a transaction that other members have, too, may wait to get to the disk: long enough that most are in a block by then. */
const sharedJournalLagMs = 2_000;

/** A node of one chain: everything that runs in its process, started and stopped as one service. */
export class MetisNode extends ServedNode {
  readonly #options: NodeConfig;
  readonly #parts: NodeParts;
  #base: NodeBase | undefined;
  #seat: Seat | undefined;

  constructor(options: NodeConfig, parts: NodeParts) {
    super();
    this.#options = options;
    this.#parts = parts;
  }

  /** The parts below RPC, once started; for tests and tools in the same process. */
  get base(): NodeBase {
    if (!this.#base) throw new NodeError("config-incomplete", "reject", "the node has not started", {});
    return this.#base;
  }

  /** Links to the other members of the pool; absent in a pool of one, and on replicas. */
  get mesh(): PoolMesh | undefined {
    return this.#seat?.mesh;
  }

  /** The services with their health. */
  members(): ReturnType<ServiceGroup["members"]> {
    return this.group.members();
  }

  protected async onStart(): Promise<void> {
    const {
      logger,
      clock = systemClock(),
      rng = systemRng(),
      metrics = createMetrics({ process: true }),
    } = this.#parts;
    const deployment = this.#parts.deployment ?? (await readDeployment(this.#options.deployment));
    this.#base = await openBase(this.#options, deployment, { logger, clock, rng, metrics });
    try {
      await this.#wire(this.#base);
      await this.group.start();
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  protected async onStop(): Promise<void> {
    await this.group.stop();
    await this.#close();
  }

  async #wire(base: NodeBase): Promise<void> {
    const { mvm, store, heads, watcher, clock, metrics, deployment, options } = base;
    const { chainConfig } = deployment;
    const add = (service: Service, after: readonly string[] = []): void => void this.group.add(service, after);
    const isSequencer = options.role === "sequencer";
    const seat = isSequencer ? await wireSeat(base) : undefined;
    this.#seat = seat;
    if (seat?.watch) add(seat.watch);
    const mempool = new MempoolService({
      reader: mvm.reader,
      heads,
      store,
      clock,
      logger: base.logger.child({ service: "mempool" }),
      metrics,
      chainId: chainConfig.l2ChainId,
      blockGasLimit: chainConfig.gasLimit,
      onKey: (...recovered) => mvm.rememberKey(...recovered),
      journalLagMs: () => (seat?.mesh?.connected.length ? sharedJournalLagMs : 0),
      options,
    });
    const receipting = seat && wireReceipts(base, seat, mempool);
    const sequencing = receipting ? await wireSequencing(base, seat, mempool, receipting.order) : undefined;
    add(watcher);
    add(mempool);
    const exclusively: Exclusively = sequencing ? (change) => sequencing.sequencer.exclusively(change) : serially();
    add(wireDerivation(base, exclusively, mempool), ["l1", "mempool"]);
    const replica = sequencing ? undefined : wireReplica(base, exclusively);
    for (const service of replica?.services ?? []) add(service, ["derivation"]);
    const gossip = seat?.mesh && wireGossip(base, seat.mesh, mempool);
    if (gossip) add(gossip, ["mempool"]);
    if (seat?.mesh) add(seat.mesh.service, ["l1", "gossip"]);
    if (sequencing) {
      add(sequencing.sequencer, ["l1", "mempool", "derivation"]);
      add(sequencing.cosigner, ["sequencer"]);
      add(sequencing.batcher, ["cosigner"]);
      add(sequencing.proposer, ["cosigner"]);
      add(sequencing.freezer, ["l1"]);
      if (sequencing.keeper) add(sequencing.keeper, ["derivation"]);
      add(sequencing.accuser, ["l1"]);
    }
    const submit = gossip ? (raw: Hex) => gossip.submit(raw) : undefined;
    if (sequencing && seat && options["rewards.report"])
      add(wireRewards(base, seat, sequencing, submit ?? ((raw) => mempool.add(raw))), ["l1", "sequencer"]);
    const desk = receipting && wireReceiptDesk(base, seat, receipting, mempool, submit ?? ((raw) => mempool.add(raw)));
    if (desk) add(desk, ["mempool"]);
    if (desk && sequencing) desk.subscribe((receipt) => sequencing.orderWitness.hear(receipt));
    const forward = options.role === "replica" ? forwardCalls(options["sequencer.rpc"]) : undefined;
    this.#wireRpc(base, mempool, {
      feed: replica?.feed,
      seat,
      evidence: sequencing?.evidence ?? replica?.evidence,
      desk,
      send: forward ? forwardTo(forward, mempool) : submit,
      sendWithReceipt: forward ? forwardWithReceipt(forward, mempool) : desk && sendAtDesk(desk),
    });
  }

  #wireRpc(base: NodeBase, mempool: MempoolService, parts: RpcParts): void {
    const { mvm, heads, clock, rng, metrics, deployment, options } = base;
    const logger = base.logger.child({ service: "rpc" });
    const { l2ChainId, pure } = deployment.chainConfig;
    const { send } = parts;
    const api = new EthApi({
      reader: mvm.reader,
      heads,
      chainId: l2ChainId,
      clock,
      rng,
      logger,
      options,
      clientVersion,
      pure,
      mempool,
      ...(send && { send }),
    });
    const registry = new MethodRegistry().addAll(api.methods).addAll(rollupMethods(base, parts));
    this.server = new JsonRpcServer({
      registry,
      options,
      logger,
      metrics,
      clock,
      rng,
      health: () => this.health(),
      pages: (url) => blobPage(base.blobs, url),
    });
    this.group.add(api, ["mempool"]);
    this.group.add(this.server, ["eth-api", "derivation"]);
  }

  async #close(): Promise<void> {
    await this.#seat?.close();
    await this.#base?.kzg.close();
    await this.#base?.mvm.close();
    await this.#base?.store.close();
  }
}

function wireGossip(base: NodeBase, mesh: PoolMesh, mempool: MempoolService): TransactionGossip {
  const { clock, metrics } = base;
  return new TransactionGossip({
    mesh: mesh.channels.channel(MeshChannel.transactions),
    onLink: (listener) => mesh.onLink(listener),
    mempool,
    clock,
    logger: base.logger.child({ service: "gossip" }),
    metrics,
  });
}

function wireDerivation(base: NodeBase, exclusively: Exclusively, mempool: MempoolService): Derivation {
  const { mvm, chain, heads, status, l1, watcher, deposits, batches, blobSources, clock, deployment, options } = base;
  const logger = base.logger.child({ service: "derivation" });
  const { chainConfig: config } = deployment;
  const writer = new ChainWriter({
    mvm,
    chain,
    heads,
    mempool,
    exclusively,
    logger,
  });
  const kernel = (request: Uint8Array): Promise<Uint8Array> => mvm.derive(request);
  const source = l1Source(l1, batches, deposits, (versionedHash, near) => blobSources.find(versionedHash, near));
  const sink = new BatchApplier({ config, writer, reader: mvm.reader, chain, status, logger });
  return new Derivation({
    config,
    l1,
    source,
    kernel,
    sink,
    watcher,
    writer,
    handovers: wireHandovers(base, writer),
    reader: mvm.reader,
    chain,
    heads,
    status,
    clock,
    logger,
    pollMs: options["l1.pollMs"],
  });
}

/** A node as `options` say; nothing is opened before `start`. */
export const createNode = (options: NodeConfig, parts: NodeParts): MetisNode => new MetisNode(options, parts);
