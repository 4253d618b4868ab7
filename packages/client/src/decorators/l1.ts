import type { MetisL1Contracts } from "../contracts.ts";
import { announceEscape } from "../actions/announceEscape.ts";
import { announceHandover } from "../actions/announceHandover.ts";
import { buildWithdrawalProof, type BuildWithdrawalProofParameters } from "../actions/buildWithdrawalProof.ts";
import { cancelProposal, type CancelProposalParameters } from "../actions/cancelProposal.ts";
import { checkpointAnchor, type CheckpointAnchorParameters } from "../actions/checkpointAnchor.ts";
import { claimRefund, type ClaimRefundParameters } from "../actions/claimRefund.ts";
import { claimStake, type ClaimStakeParameters } from "../actions/claimStake.ts";
import { completeRedelegation, type CompleteRedelegationParameters } from "../actions/completeRedelegation.ts";
import { delegateStake, type DelegateStakeParameters } from "../actions/delegateStake.ts";
import { depositErc20, type DepositErc20Parameters } from "../actions/depositErc20.ts";
import { depositEth, type DepositEthParameters } from "../actions/depositEth.ts";
import { depositMetis, type DepositMetisParameters } from "../actions/depositMetis.ts";
import { depositTransaction, type DepositTransactionParameters } from "../actions/depositTransaction.ts";
import { distributeRewards, type DistributeRewardsParameters } from "../actions/distributeRewards.ts";
import { escape } from "../actions/escape.ts";
import { executeProposal, type ExecuteProposalParameters } from "../actions/executeProposal.ts";
import { finalizeWithdrawal, type FinalizeWithdrawalParameters } from "../actions/finalizeWithdrawal.ts";
import { findSeat, type FindSeatParameters } from "../actions/findSeat.ts";
import { freezeEpoch, type FreezeEpochParameters } from "../actions/freezeEpoch.ts";
import { getDelegation, type GetDelegationParameters } from "../actions/getDelegation.ts";
import { getEpochAttendance, type GetEpochAttendanceParameters } from "../actions/getEpochAttendance.ts";
import { getEscapeStatus } from "../actions/getEscapeStatus.ts";
import { getExit, type GetExitParameters } from "../actions/getExit.ts";
import { getGovernance } from "../actions/getGovernance.ts";
import { getHandover } from "../actions/getHandover.ts";
import { getPool } from "../actions/getPool.ts";
import { getPostingRefunds, type GetPostingRefundsParameters } from "../actions/getPostingRefunds.ts";
import { getProposals, type GetProposalsParameters } from "../actions/getProposals.ts";
import { getRewards, type GetRewardsParameters } from "../actions/getRewards.ts";
import { getSeat, type GetSeatParameters } from "../actions/getSeat.ts";
import { getSequencerList } from "../actions/getSequencerList.ts";
import { getSlashes, type GetSlashesParameters } from "../actions/getSlashes.ts";
import { getTimeToFinalize, type GetTimeToFinalizeParameters } from "../actions/getTimeToFinalize.ts";
import { getWithdrawalStatus, type GetWithdrawalStatusParameters } from "../actions/getWithdrawalStatus.ts";
import { handOver } from "../actions/handOver.ts";
import { lockStake, type LockStakeParameters } from "../actions/lockStake.ts";
import { pauseWithdrawals, type PauseWithdrawalsParameters } from "../actions/pauseWithdrawals.ts";
import { proposeCalls, type ProposeCallsParameters } from "../actions/proposeCalls.ts";
import { relockStake, type RelockStakeParameters } from "../actions/relockStake.ts";
import { reportEvidence, type ReportEvidenceParameters } from "../actions/reportEvidence.ts";
import { reportReceipts, type ReportReceiptsParameters } from "../actions/reportReceipts.ts";
import { setCommission, type SetCommissionParameters } from "../actions/setCommission.ts";
import { setSequencerMetadata, type SetSequencerMetadataParameters } from "../actions/setSequencerMetadata.ts";
import { settle, type SettleParameters } from "../actions/settle.ts";
import { undelegateStake, type UndelegateStakeParameters } from "../actions/undelegateStake.ts";
import { unjail, type UnjailParameters } from "../actions/unjail.ts";
import { unlockStake, type UnlockStakeParameters } from "../actions/unlockStake.ts";
import { sendHeartbeat, type SendHeartbeatParameters } from "../actions/sendHeartbeat.ts";
import { updateSigner, type UpdateSignerParameters } from "../actions/updateSigner.ts";
import { waitForWithdrawalStatus, type WaitForWithdrawalStatusParameters } from "../actions/waitForWithdrawalStatus.ts";
import { withdrawPostingRefunds, type WithdrawPostingRefundsParameters } from "../actions/withdrawPostingRefunds.ts";
import { withdrawRewards, type WithdrawRewardsParameters } from "../actions/withdrawRewards.ts";
import { withdrawSlashing } from "../actions/withdrawSlashing.ts";
import type { ReaderLike, SendOptions, WalletLike } from "../utils/send.ts";

type Without<P> = P extends unknown ? Omit<P, "contracts"> : never;

/**
 * Reading actions for an L1 client, bound to one Metis chain.
 *
 * @example
 * const l1Client = createPublicClient({ chain: mainnet, transport: http() }).extend(publicActionsMetisL1(contracts));
 */
export const publicActionsMetisL1 = (contracts: MetisL1Contracts) => (client: ReaderLike) => ({
  buildWithdrawalProof: (parameters: Without<BuildWithdrawalProofParameters>) =>
    buildWithdrawalProof(client, { ...parameters, contracts }),
  findSeat: (parameters: Without<FindSeatParameters>) => findSeat(client, { ...parameters, contracts }),
  getDelegation: (parameters: Without<GetDelegationParameters>) => getDelegation(client, { ...parameters, contracts }),
  getEpochAttendance: (parameters: Without<GetEpochAttendanceParameters>) =>
    getEpochAttendance(client, { ...parameters, contracts }),
  getEscapeStatus: () => getEscapeStatus(client, { contracts }),
  getExit: (parameters: Without<GetExitParameters>) => getExit(client, { ...parameters, contracts }),
  getGovernance: () => getGovernance(client, { contracts }),
  getHandover: () => getHandover(client, { contracts }),
  getPool: () => getPool(client, { contracts }),
  getPostingRefunds: (parameters: Without<GetPostingRefundsParameters>) =>
    getPostingRefunds(client, { ...parameters, contracts }),
  getProposals: (parameters: Without<GetProposalsParameters> = {}) =>
    getProposals(client, { ...parameters, contracts }),
  getRewards: (parameters: Without<GetRewardsParameters>) => getRewards(client, { ...parameters, contracts }),
  getSeat: (parameters: Without<GetSeatParameters>) => getSeat(client, { ...parameters, contracts }),
  getSequencerList: () => getSequencerList(client, { contracts }),
  getSlashes: (parameters: Without<GetSlashesParameters> = {}) => getSlashes(client, { ...parameters, contracts }),
  getTimeToFinalize: (parameters: Without<GetTimeToFinalizeParameters>) =>
    getTimeToFinalize(client, { ...parameters, contracts }),
  getWithdrawalStatus: (parameters: Without<GetWithdrawalStatusParameters>) =>
    getWithdrawalStatus(client, { ...parameters, contracts }),
  waitForWithdrawalStatus: (parameters: Without<WaitForWithdrawalStatusParameters>) =>
    waitForWithdrawalStatus(client, { ...parameters, contracts }),
});
export type PublicActionsMetisL1 = ReturnType<ReturnType<typeof publicActionsMetisL1>>;

/**
 * Sending actions for an L1 wallet, bound to one Metis chain.
 *
 * @example
 * const l1Wallet = createWalletClient({ account, chain: mainnet, transport: http() }).extend(walletActionsMetisL1(contracts));
 */
export const walletActionsMetisL1 = (contracts: MetisL1Contracts) => (client: WalletLike) => ({
  announceEscape: (parameters: SendOptions = {}) => announceEscape(client, { ...parameters, contracts }),
  announceHandover: (parameters: SendOptions = {}) => announceHandover(client, { ...parameters, contracts }),
  cancelProposal: (parameters: Without<CancelProposalParameters>) =>
    cancelProposal(client, { ...parameters, contracts }),
  checkpointAnchor: (parameters: Without<CheckpointAnchorParameters>) =>
    checkpointAnchor(client, { ...parameters, contracts }),
  claimRefund: (parameters: Without<ClaimRefundParameters>) => claimRefund(client, { ...parameters, contracts }),
  claimStake: (parameters: Without<ClaimStakeParameters>) => claimStake(client, { ...parameters, contracts }),
  completeRedelegation: (parameters: Without<CompleteRedelegationParameters>) =>
    completeRedelegation(client, { ...parameters, contracts }),
  delegateStake: (parameters: Without<DelegateStakeParameters>) => delegateStake(client, { ...parameters, contracts }),
  depositErc20: (parameters: Without<DepositErc20Parameters>) => depositErc20(client, { ...parameters, contracts }),
  depositEth: (parameters: Without<DepositEthParameters>) => depositEth(client, { ...parameters, contracts }),
  depositMetis: (parameters: Without<DepositMetisParameters>) => depositMetis(client, { ...parameters, contracts }),
  depositTransaction: (parameters: Without<DepositTransactionParameters>) =>
    depositTransaction(client, { ...parameters, contracts }),
  distributeRewards: (parameters: Without<DistributeRewardsParameters>) =>
    distributeRewards(client, { ...parameters, contracts }),
  escape: (parameters: SendOptions = {}) => escape(client, { ...parameters, contracts }),
  freezeEpoch: (parameters: Without<FreezeEpochParameters>) => freezeEpoch(client, { ...parameters, contracts }),
  executeProposal: (parameters: Without<ExecuteProposalParameters>) =>
    executeProposal(client, { ...parameters, contracts }),
  finalizeWithdrawal: (parameters: Without<FinalizeWithdrawalParameters>) =>
    finalizeWithdrawal(client, { ...parameters, contracts }),
  handOver: (parameters: SendOptions = {}) => handOver(client, { ...parameters, contracts }),
  lockStake: (parameters: Without<LockStakeParameters>) => lockStake(client, { ...parameters, contracts }),
  pauseWithdrawals: (parameters: Without<PauseWithdrawalsParameters> = {}) =>
    pauseWithdrawals(client, { ...parameters, contracts }),
  proposeCalls: (parameters: Without<ProposeCallsParameters>) => proposeCalls(client, { ...parameters, contracts }),
  relockStake: (parameters: Without<RelockStakeParameters>) => relockStake(client, { ...parameters, contracts }),
  reportEvidence: (parameters: Without<ReportEvidenceParameters>) =>
    reportEvidence(client, { ...parameters, contracts }),
  reportReceipts: (parameters: Without<ReportReceiptsParameters>) =>
    reportReceipts(client, { ...parameters, contracts }),
  setCommission: (parameters: Without<SetCommissionParameters>) => setCommission(client, { ...parameters, contracts }),
  setSequencerMetadata: (parameters: Without<SetSequencerMetadataParameters>) =>
    setSequencerMetadata(client, { ...parameters, contracts }),
  settle: (parameters: Without<SettleParameters>) => settle(client, { ...parameters, contracts }),
  undelegateStake: (parameters: Without<UndelegateStakeParameters>) =>
    undelegateStake(client, { ...parameters, contracts }),
  unjail: (parameters: Without<UnjailParameters>) => unjail(client, { ...parameters, contracts }),
  unlockStake: (parameters: Without<UnlockStakeParameters>) => unlockStake(client, { ...parameters, contracts }),
  sendHeartbeat: (parameters: Without<SendHeartbeatParameters>) => sendHeartbeat(client, { ...parameters, contracts }),
  updateSigner: (parameters: Without<UpdateSignerParameters>) => updateSigner(client, { ...parameters, contracts }),
  withdrawPostingRefunds: (parameters: Without<WithdrawPostingRefundsParameters>) =>
    withdrawPostingRefunds(client, { ...parameters, contracts }),
  withdrawRewards: (parameters: Without<WithdrawRewardsParameters>) =>
    withdrawRewards(client, { ...parameters, contracts }),
  withdrawSlashing: (options: SendOptions = {}) => withdrawSlashing(client, { ...options, contracts }),
});
export type WalletActionsMetisL1 = ReturnType<ReturnType<typeof walletActionsMetisL1>>;
