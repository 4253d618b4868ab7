import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { exportSnapshot, importSnapshot, readSnapshotStart } from "@metis/mvm";
import type { SnapshotContent, SnapshotProgress, SnapshotSummary } from "@metis/mvm";
import { batchHash } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { stateClaimsAbi } from "@metis/protocol/contracts";
import { createRpcClient, jsonCodec, openLmdbStore } from "@metis/runtime";
import type { Logger } from "@metis/runtime";
import type { L1Deployment } from "./deploy/deployment.ts";
import { NodeError } from "./errors.ts";
import type { DerivedBatch } from "./heads/records.ts";
import { ChainStore } from "./heads/store.ts";
import { BatchReader } from "./l1/batches.ts";
import { L1Client } from "./l1/client.ts";

/** Folder of what a node remembers beside its chain. */
const journalName = "node";

/** The batch that ends with the snapshot's block: derivation goes on after it. */
const attachment = jsonCodec<DerivedBatch>();

export interface NodeExportOptions {
  /** A node's data directory; the node may be running. */
  readonly dataDir: string;
  readonly file: string;
  /** Batch after which the state is taken, at most the last final one, which is the default. */
  readonly batch?: bigint;
  readonly onProgress?: (progress: SnapshotProgress) => void;
}

/**
 * Writes the state after a batch that is final on L1 to one file, with what derivation needs to go on.
 * Throws `NodeError` "snapshot-not-final", or what `exportSnapshot` throws.
 */
export async function exportNodeSnapshot(
  options: NodeExportOptions,
): Promise<SnapshotSummary & { readonly batchIndex: bigint }> {
  const { dataDir, file, onProgress } = options;
  const record = await finalBatch(dataDir, options.batch);
  const summary = await exportSnapshot({
    dataDir,
    file,
    block: Number(record.lastBlock),
    attachment: attachment.encode(record),
    ...(onProgress && { onProgress }),
  });
  return { ...summary, batchIndex: record.header.batchIndex };
}

async function finalBatch(dataDir: string, wanted: bigint | undefined): Promise<DerivedBatch> {
  const path = join(dataDir, journalName);
  if (!existsSync(path))
    throw new NodeError("snapshot-not-final", "reject", `there is no node's data in ${dataDir}`, { dataDir });
  const store = openLmdbStore({ path });
  try {
    const chain = new ChainStore(store);
    const final = chain.marks().finalizedBatch ?? 0n;
    const index = wanted ?? final;
    const record = index > final ? undefined : chain.derived(index);
    if (record === undefined)
      throw new NodeError(
        "snapshot-not-final",
        "reject",
        `batch ${index} is not final here: the last one is ${final}`,
        {
          batch: index,
          final,
        },
      );
    return record;
  } finally {
    await store.close();
  }
}

export interface NodeImportOptions {
  /** Folder without a node's data. */
  readonly dataDir: string;
  readonly file: string;
  readonly deployment: L1Deployment;
  /** L1's JSON-RPC endpoint: where the settled claim is read. */
  readonly l1Rpc: string;
  /** Trusted instead of a settled claim: the batch need not be settled yet. */
  readonly outputRoot?: Hash;
  readonly logger: Logger;
  readonly onProgress?: (progress: SnapshotProgress) => void;
}

/**
 * Starts a node's data directory from a snapshot: genesis and batch are compared with L1, the state with the output root of L1's
 * settled claim, or with the one given. Nothing is left behind after a refusal.
 * Throws `NodeError` "wrong-chain", "snapshot-target" or "snapshot-not-settled", or what `importSnapshot` throws.
 */
export async function importNodeSnapshot(
  options: NodeImportOptions,
): Promise<SnapshotSummary & { readonly batchIndex: bigint }> {
  const { dataDir, file, deployment, logger, onProgress } = options;
  if (existsSync(join(dataDir, journalName)))
    throw new NodeError(
      "snapshot-target",
      "reject",
      `there is a node's data in ${dataDir}: import into another folder`,
      {
        dataDir,
      },
    );
  const start = await readSnapshotStart(file);
  const expected = deployment.genesisConfig.l2GenesisHash;
  if (start.genesisHash !== expected) throw otherChain(`its genesis is ${start.genesisHash}, not ${expected}`);
  const record = readRecord(start.attachment);
  const l1 = new L1Client(createRpcClient({ url: options.l1Rpc }), logger);
  await requirePosted(new BatchReader(l1, deployment.genesisConfig), record);
  const outputRoot = options.outputRoot ?? (await settledOutput(l1, deployment, record));
  const summary = await importSnapshot({
    dataDir,
    file,
    outputRoot,
    check: (content) => writeJournal(join(content.folder, journalName), record, content),
    ...(onProgress && { onProgress }),
  });
  await adoptJournal(dataDir);
  return { ...summary, batchIndex: record.header.batchIndex };
}

/**
 * Puts what an import brought beside its chain in its place; it came there with the chain, in one step. Every start asks for it: the
 * import may have been killed in between.
 */
export async function adoptJournal(dataDir: string): Promise<void> {
  const [brought, journal] = [join(dataDir, "chain", journalName), join(dataDir, journalName)];
  if (existsSync(brought) && !existsSync(journal)) await rename(brought, journal);
}

const otherChain = (why: string): NodeError =>
  new NodeError("wrong-chain", "reject", `the snapshot is of another chain: ${why}`, {});

function readRecord(bytes: Uint8Array): DerivedBatch {
  try {
    const record = attachment.decode(bytes);
    if (batchHash(record.header) === record.batchHash) return record;
  } catch {
    // Said below: whatever it is, it is no batch.
  }
  throw otherChain("it names no batch");
}

/** The inbox logged this very batch, in this very block. */
async function requirePosted(reader: BatchReader, record: DerivedBatch): Promise<void> {
  const { l1BlockNumber, l1BlockHash, batchHash: hash } = record;
  const { batches } = await reader.range(l1BlockNumber, l1BlockNumber);
  if (batches.some((batch) => batch.batchHash === hash && batch.l1BlockHash === l1BlockHash)) return;
  throw otherChain(`L1 block ${l1BlockNumber} holds no batch ${hash}`);
}

async function settledOutput(l1: L1Client, { genesisConfig }: L1Deployment, record: DerivedBatch): Promise<Hash> {
  const { batchIndex } = record.header;
  const { stateClaims } = genesisConfig;
  const settled = await l1.read(stateClaimsAbi, stateClaims, "settledCount", []);
  if (batchIndex >= settled)
    throw new NodeError(
      "snapshot-not-settled",
      "retry",
      `batch ${batchIndex} is not settled on L1 (${settled} are): wait, export an earlier one, or give an output root you trust`,
      { batchIndex, settled },
    );
  const [outputRoot, lastBlock] = await l1.read(stateClaimsAbi, stateClaims, "settledOutput", [batchIndex]);
  if (lastBlock !== record.lastBlock) throw otherChain(`batch ${batchIndex} ends with block ${lastBlock} on L1`);
  return outputRoot;
}

/** What the node remembers of the batch. */
async function writeJournal(path: string, record: DerivedBatch, { block }: SnapshotContent): Promise<void> {
  const { header, lastBlock, lastBlockHash } = record;
  const { inputs } = block;
  const fits =
    lastBlock === BigInt(block.number) &&
    lastBlockHash === block.hash &&
    record.outputRoots.at(-1) === block.outputRoot &&
    // Block 0 alone is made of none.
    (inputs === undefined
      ? lastBlock === 0n
      : inputs.number === lastBlock &&
        inputs.time === header.lastTimestamp &&
        inputs.generation === header.generation &&
        inputs.depositEnd === header.depositCount &&
        inputs.anchorHash === header.anchorHash &&
        inputs.anchorNumber === header.anchorNumber);
  if (!fits) throw otherChain(`its block ${block.number} does not end batch ${header.batchIndex}`);
  const store = openLmdbStore({ path });
  try {
    const chain = new ChainStore(store);
    await chain.putDerived(record);
    await chain.setMarks({ signed: { number: lastBlock, hash: lastBlockHash }, finalizedBatch: header.batchIndex });
  } finally {
    await store.close();
  }
}
