import { predeploys, withdrawalSlot, zeroHash } from "@metis/protocol";
import type { Hash } from "@metis/protocol";
import { stateClaimsAbi, systemConfigAbi } from "@metis/protocol/contracts";
import { method, param } from "@metis/runtime";
import type { RpcMethod } from "@metis/runtime";
import type { DerivedBatch } from "../heads/records.ts";
import { proveInclusion } from "../receipts/inclusion.ts";
import type { NodeBase } from "../wiring/base.ts";
import { decodeHeader } from "../rpc/header.ts";
import { show } from "./format.ts";

/** Names of `ClaimStatus` in IStateClaims.sol, by value. */
const claimStatus = ["none", "posted", "proven", "settled", "rejected", "fraud", "void"] as const;

export interface ClaimView {
  readonly status: (typeof claimStatus)[number];
  readonly claimHash: Hash | null;
  readonly outputRoot: Hash | null;
  readonly lastBlock: bigint | null;
  readonly postedAt: bigint | null;
}

const noClaim: ClaimView = { status: "none", claimHash: null, outputRoot: null, lastBlock: null, postedAt: null };

/** The live claim on `batch` that continues the state this node derived before it, read from L1 now. */
export async function claimOn({ l1, chain, deployment }: NodeBase, batch: DerivedBatch): Promise<ClaimView> {
  const { batchIndex } = batch.header;
  const before = batchIndex === 0n ? zeroHash : chain.derived(batchIndex - 1n)?.outputRoots.at(-1);
  if (before === undefined) return noClaim;
  const [status, claimHash, outputRoot, lastBlock, postedAt] = await l1.read(
    stateClaimsAbi,
    deployment.genesisConfig.stateClaims,
    "claimOf",
    [batchIndex, before],
  );
  const name = claimStatus[status] ?? "none";
  return name === "none" ? noClaim : { status: name, claimHash, outputRoot, lastBlock, postedAt };
}

/** Batches, claims, and proofs of withdrawals. */
export function claimMethods(base: NodeBase): Readonly<Record<string, RpcMethod>> {
  const { chain } = base;
  return {
    rollup_batch: method([param.uint64], ([index]) => show(batchView(chain.derived(index)))),
    rollup_claim: method([param.uint64], async ([index]) => show(await claimView(base, chain.derived(index)))),
    rollup_inclusionProof: method([param.hash], async ([hash]) => show(await inclusionProof(base, hash))),
    rollup_withdrawalProof: method([param.hash, param.uint64], async ([hash, block]) =>
      show(await withdrawalProof(base, hash, block)),
    ),
  };
}

const batchView = (batch: DerivedBatch | undefined) => {
  if (!batch) return null;
  const { outputRoots, ...rest } = batch;
  return { ...rest, outputRoot: outputRoots.at(-1) };
};

async function claimView(base: NodeBase, batch: DerivedBatch | undefined) {
  if (!batch) return null;
  const claim = await claimOn(base, batch);
  const { challengeWindow } = await base.l1.read(
    systemConfigAbi,
    base.deployment.genesisConfig.systemConfig,
    "parameters",
    [],
  );
  const settlesFrom = claim.postedAt === null ? null : claim.postedAt + BigInt(challengeWindow);
  return { batchIndex: batch.header.batchIndex, ...claim, settlesFrom };
}

/**
 * Proof that withdrawal `hash`, made in L2 block `number`, is in the message passer at the end of the batch that holds the block:
 * what `Portal.finalizeWithdrawal` takes once the batch's claim has settled. `null` while the block is in no batch.
 */
async function withdrawalProof(base: NodeBase, hash: Hash, number: bigint) {
  const { mvm, chain } = base;
  const batch = chain.derivedOf(number);
  if (!batch) return null;
  const slot = withdrawalSlot(hash);
  const [block, proof] = await Promise.all([
    mvm.reader.block(batch.lastBlock),
    mvm.reader.proof(predeploys.l2ToL1MessagePasser, [slot], batch.lastBlock),
  ]);
  const entry = proof?.storageProof[0];
  if (!block || !proof || !entry || entry.value !== 1n) return null;
  return {
    batchIndex: batch.header.batchIndex,
    claim: (await claimOn(base, batch)).status,
    outputProof: {
      version: zeroHash,
      stateRoot: decodeHeader(block.headerRlp).stateRoot,
      messagePasserStorageRoot: proof.storageRoot,
      blockHash: block.hash,
    },
    storageProof: entry.proof,
  };
}

/** Where a transaction stands, as evidence of a broken order needs it (docs/spec/slashing.md). */
async function inclusionProof({ mvm: { reader }, chain }: NodeBase, hash: Hash) {
  const found = await reader.transaction(hash);
  return (found && (await proveInclusion({ chain, reader }, found.block.number, found.index))) ?? null;
}
