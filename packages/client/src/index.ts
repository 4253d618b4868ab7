export type * from "./contracts.ts";
export * from "./errors.ts";
export * from "./utils/deposits.ts";
export * from "./utils/withdrawals.ts";
export type { ClaimStatus } from "./utils/claims.ts";
export type { WaitOptions } from "./utils/wait.ts";
export type { SendOptions } from "./utils/send.ts";
export { proveSigner, type ProveSignerParameters, type SignerProof } from "./utils/signerProof.ts";
export { governanceAbi, governedAbis } from "./utils/governance.ts";
export {
  delegatingAbi,
  stakingAbi,
  stakingContracts,
  type StakingContracts,
  type StakingRoot,
} from "./utils/staking.ts";
export * from "./actions/announceEscape.ts";
export * from "./actions/announceHandover.ts";
export * from "./actions/buildWithdrawalProof.ts";
export * from "./actions/cancelProposal.ts";
export * from "./actions/checkpointAnchor.ts";
export * from "./actions/claimRefund.ts";
export * from "./actions/claimStake.ts";
export * from "./actions/completeRedelegation.ts";
export * from "./actions/createBridgedToken.ts";
export * from "./actions/delegateStake.ts";
export * from "./actions/depositErc20.ts";
export * from "./actions/depositEth.ts";
export * from "./actions/depositMetis.ts";
export * from "./actions/depositTransaction.ts";
export * from "./actions/distributeRewards.ts";
export * from "./actions/escape.ts";
export * from "./actions/estimateL1Fee.ts";
export * from "./actions/executeProposal.ts";
export * from "./actions/finalizeWithdrawal.ts";
export * from "./actions/findSeat.ts";
export * from "./actions/freezeEpoch.ts";
export * from "./actions/getDelegation.ts";
export * from "./actions/getEpochAttendance.ts";
export * from "./actions/getEscapeStatus.ts";
export * from "./actions/getEvidence.ts";
export * from "./actions/getGovernance.ts";
export * from "./actions/getInclusionProof.ts";
export * from "./actions/getHandover.ts";
export * from "./actions/getPool.ts";
export * from "./actions/getPoolRewards.ts";
export * from "./actions/getPoolStatus.ts";
export * from "./actions/getPostingRefunds.ts";
export {
  getExit,
  type GetExitErrorType,
  type GetExitParameters,
  type GetExitReturnType,
  type StakeExit,
} from "./actions/getExit.ts";
export * from "./actions/getProposals.ts";
export * from "./actions/getRewards.ts";
export * from "./actions/getSeat.ts";
export * from "./actions/getSlashes.ts";
export * from "./actions/getSequencerList.ts";
export * from "./actions/getSyncStatus.ts";
export * from "./actions/getTimeToFinalize.ts";
export * from "./actions/getWithdrawalStatus.ts";
export * from "./actions/initiateWithdrawal.ts";
export * from "./actions/handOver.ts";
export * from "./actions/lockStake.ts";
export * from "./actions/pauseWithdrawals.ts";
export {
  proposeCalls,
  type ProposeCallsErrorType,
  type ProposeCallsParameters,
  type ProposeCallsReturnType,
} from "./actions/proposeCalls.ts";
export * from "./actions/relockStake.ts";
export * from "./actions/reportEpoch.ts";
export * from "./actions/setCommission.ts";
export * from "./actions/setSequencerMetadata.ts";
export * from "./actions/reportEvidence.ts";
export * from "./actions/reportReceipts.ts";
export * from "./actions/sendHeartbeat.ts";
export * from "./actions/sendRawTransactionWithReceipt.ts";
export * from "./actions/settle.ts";
export * from "./actions/undelegateStake.ts";
export * from "./actions/unjail.ts";
export * from "./actions/unlockStake.ts";
export * from "./actions/updateSigner.ts";
export * from "./actions/waitForDeposit.ts";
export * from "./actions/waitForWithdrawalStatus.ts";
export * from "./actions/withdrawPostingRefunds.ts";
export * from "./actions/withdrawRewards.ts";
export * from "./actions/withdrawSlashing.ts";
export * from "./decorators/l1.ts";
export * from "./decorators/l2.ts";
