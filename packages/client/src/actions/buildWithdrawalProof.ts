import { outputRoot, predeploys, withdrawalSlot } from "@metis/protocol";
import { zeroHash, type Hash, type Hex } from "viem";
import { getBlock, getProof } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import { ClientError } from "../errors.ts";
import { findClaim } from "../utils/claims.ts";
import type { ReaderLike } from "../utils/send.ts";
import type { LoggedWithdrawal } from "../utils/withdrawals.ts";

export interface BuildWithdrawalProofParameters {
  readonly contracts: Pick<MetisL1Contracts, "stateClaims" | "batchInbox">;
  readonly withdrawal: Pick<LoggedWithdrawal, "withdrawalHash" | "l2BlockNumber">;
  /** Any node that still has the state at the end of the batch; it is not trusted. */
  readonly l2Client: ReaderLike;
}
/** What `finalizeWithdrawal` shows to the portal. */
export interface WithdrawalProof {
  readonly batchIndex: bigint;
  readonly outputProof: {
    readonly version: Hash;
    readonly stateRoot: Hash;
    readonly messagePasserStorageRoot: Hash;
    readonly blockHash: Hash;
  };
  /** Merkle-Patricia nodes, root first. */
  readonly storageProof: readonly Hex[];
}
export type BuildWithdrawalProofReturnType = WithdrawalProof;
/** `ClientError`: withdrawal-not-settled, output-root-differs. */
export type BuildWithdrawalProofErrorType = Error;

/**
 * Proves a withdrawal against the settled claim that covers its block, from `eth_getProof` of any node.
 *
 * @example
 * const proof = await l1Client.buildWithdrawalProof({ withdrawal, l2Client });
 * await l1Wallet.finalizeWithdrawal({ withdrawal, proof });
 */
export async function buildWithdrawalProof(
  client: ReaderLike,
  parameters: BuildWithdrawalProofParameters,
): Promise<BuildWithdrawalProofReturnType> {
  const { contracts, withdrawal, l2Client } = parameters;
  const search = await findClaim(client, contracts, withdrawal.l2BlockNumber);
  if (!search.found || search.claim.status !== "settled")
    throw new ClientError(
      "withdrawal-not-settled",
      `no settled claim covers L2 block ${withdrawal.l2BlockNumber} yet`,
      { l2BlockNumber: withdrawal.l2BlockNumber },
      { remedy: "retry" },
    );
  const { batchIndex, lastBlock: blockNumber, outputRoot: settledRoot } = search.claim;
  const [block, proof] = await Promise.all([
    getBlock(l2Client, { blockNumber }),
    getProof(l2Client, {
      address: predeploys.l2ToL1MessagePasser,
      storageKeys: [withdrawalSlot(withdrawal.withdrawalHash)],
      blockNumber,
    }),
  ]);
  const preimage = { stateRoot: block.stateRoot, messagePasserStorageRoot: proof.storageHash, blockHash: block.hash };
  if (outputRoot(preimage) !== settledRoot)
    throw new ClientError(
      "output-root-differs",
      `the L2 endpoint has another chain than the one settled on L1 at block ${blockNumber}: ask another node`,
      { blockNumber, settledRoot, given: outputRoot(preimage) },
    );
  return {
    batchIndex,
    outputProof: { version: zeroHash, ...preimage },
    storageProof: proof.storageProof[0]?.proof ?? [],
  };
}
