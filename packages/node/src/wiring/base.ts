import { openMvm, requireNoImport } from "@metis/mvm";
import type { Mvm } from "@metis/mvm";
import { assertChainParameters } from "@metis/protocol";
import { createRpcClient, openLmdbStore } from "@metis/runtime";
import type { Clock, Logger, Metrics, Rng, Store } from "@metis/runtime";
import { join } from "node:path";
import type { NodeConfig } from "../config.ts";
import type { L1Deployment } from "../deploy/deployment.ts";
import { NodeError } from "../errors.ts";
import { ChainHeads } from "../heads/heads.ts";
import { ChainStore } from "../heads/store.ts";
import { BatchReader } from "../l1/batches.ts";
import { Kzg } from "../l1/blobs/kzg.ts";
import { BlobSources } from "../l1/blobs/sources.ts";
import { BlobStore } from "../l1/blobs/store.ts";
import { L1Client } from "../l1/client.ts";
import { DepositReader } from "../l1/deposits.ts";
import { L1Watcher } from "../l1/watcher.ts";
import { L1EpochSets } from "../pool/l1EpochSets.ts";
import { SigningStatus } from "../sequencer/status.ts";
import { adoptJournal } from "../snapshot.ts";

/** What the world gives a node. */
export interface NodeSurroundings {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What every node has, whatever its role. */
export interface NodeBase extends NodeSurroundings {
  readonly options: NodeConfig;
  readonly deployment: L1Deployment;
  readonly mvm: Mvm;
  readonly store: Store;
  readonly chain: ChainStore;
  readonly heads: ChainHeads;
  readonly status: SigningStatus;
  readonly l1: L1Client;
  readonly watcher: L1Watcher;
  readonly deposits: DepositReader;
  readonly batches: BatchReader;
  /** Who signs in which epoch. */
  readonly epochSets: L1EpochSets;
  readonly kzg: Kzg;
  readonly blobs: BlobStore;
  readonly blobSources: BlobSources;
}

/**
 * Opens the databases and makes what stands on them. Nothing runs yet but the MVM; after an error nothing is open. Throws
 * `ParameterError` when the deployment's chain parameters contradict each other, `MvmError` "snapshot-unfinished" on half an import.
 */
export async function openBase(
  options: NodeConfig,
  deployment: L1Deployment,
  surroundings: NodeSurroundings,
): Promise<NodeBase> {
  const { clock, logger } = surroundings;
  assertChainParameters(deployment.chainConfig);
  await requireNoImport(options.dataDir);
  const mvm = await openMvm({
    dataDir: options.dataDir,
    genesis: deployment.l2Genesis,
    logger: logger.child({ service: "mvm" }),
    archive: options["mvm.archive"],
    historyBlocks: options["mvm.historyBlocks"],
    readers: options["mvm.readers"],
    clock,
  });
  let store: Store | undefined;
  try {
    await adoptJournal(options.dataDir);
    store = openLmdbStore({ path: join(options.dataDir, "node") });
    return await standOn({ mvm, store }, options, deployment, surroundings);
  } catch (error) {
    await store?.close();
    await mvm.close();
    throw error;
  }
}

async function standOn(
  { mvm, store }: Pick<NodeBase, "mvm" | "store">,
  options: NodeConfig,
  deployment: L1Deployment,
  surroundings: NodeSurroundings,
): Promise<NodeBase> {
  const { clock, logger, metrics } = surroundings;
  const { chainConfig: config, genesisConfig } = deployment;
  await requireChain(mvm, deployment);
  const chain = new ChainStore(store);
  const l1 = new L1Client(createRpcClient({ url: options["l1.rpc"] }), logger.child({ service: "l1" }));
  const watcher = new L1Watcher({
    l1,
    config,
    clock,
    logger: logger.child({ service: "l1" }),
    metrics,
    pollMs: options["l1.pollMs"],
  });
  const kzg = new Kzg();
  const blobs = new BlobStore(store, kzg);
  const blobLogger = logger.child({ service: "blobs" });
  const status = new SigningStatus(chain, logger.child({ service: "signing" }), metrics);
  return {
    ...surroundings,
    options,
    deployment,
    mvm,
    store,
    chain,
    heads: new ChainHeads(await storedHeads(mvm, chain), metrics),
    status,
    l1,
    watcher,
    deposits: new DepositReader(l1, genesisConfig.portal),
    batches: new BatchReader(l1, genesisConfig),
    epochSets: new L1EpochSets({
      config,
      lockingPool: deployment.contracts.lockingPool,
      emergencyHandover: deployment.contracts.emergencyHandover,
      generation: () => status.generation,
      initial: deployment.sequencers,
      l1,
      watcher,
      store,
      servedSince: () => chain.lastDerived()?.header.epoch ?? 0n,
      logger: logger.child({ service: "epochs" }),
    }),
    kzg,
    blobs,
    blobSources: new BlobSources({ store: blobs, kzg, l1, beacons: options["l1.beacon"], logger: blobLogger }),
  };
}

/** The data directory must hold the deployment's chain. */
async function requireChain(mvm: Mvm, { genesisConfig }: L1Deployment): Promise<void> {
  const genesis = await mvm.reader.block(0n);
  if (genesis?.hash === genesisConfig.l2GenesisHash) return;
  throw new NodeError("wrong-chain", "halt", "the data directory and the deployment file are of two chains", {
    stored: genesis?.hash,
    expected: genesisConfig.l2GenesisHash,
  });
}

/** Heads as the last run left them; a head above the blocks that are there means the block below it. */
async function storedHeads(mvm: Mvm, chain: ChainStore) {
  const unsafe = mvm.head();
  const genesis = { number: 0n, hash: (await mvm.reader.block(0n))!.hash };
  const signedMark = chain.marks().signed ?? genesis;
  const derived = chain.lastDerived();
  const safe = derived ? { number: derived.lastBlock, hash: derived.lastBlockHash } : genesis;
  const final = chain.derived(chain.marks().finalizedBatch ?? 0n);
  const finalized = final ? { number: final.lastBlock, hash: final.lastBlockHash } : genesis;
  const within = (head: typeof unsafe) => (head.number <= unsafe.number ? head : unsafe);
  const signed = within(signedMark.number > safe.number ? signedMark : safe);
  return { unsafe, signed, safe: within(safe), finalized: within(finalized) };
}
