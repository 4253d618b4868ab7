import type { MetisL1Contracts } from "../contracts.ts";
import { createBridgedToken, type CreateBridgedTokenParameters } from "../actions/createBridgedToken.ts";
import { estimateL1Fee, type EstimateL1FeeParameters } from "../actions/estimateL1Fee.ts";
import { getEvidence } from "../actions/getEvidence.ts";
import { getInclusionProof, type GetInclusionProofParameters } from "../actions/getInclusionProof.ts";
import { getPoolRewards } from "../actions/getPoolRewards.ts";
import { getPoolStatus } from "../actions/getPoolStatus.ts";
import { getSyncStatus } from "../actions/getSyncStatus.ts";
import { initiateWithdrawal, type InitiateWithdrawalParameters } from "../actions/initiateWithdrawal.ts";
import {
  sendRawTransactionWithReceipt,
  type SendRawTransactionWithReceiptParameters,
} from "../actions/sendRawTransactionWithReceipt.ts";
import { waitForDeposit, type WaitForDepositParameters } from "../actions/waitForDeposit.ts";
import type { ReaderLike, WalletLike } from "../utils/send.ts";

/**
 * Reading actions for an L2 client.
 *
 * @example
 * const l2Client = createPublicClient({ chain, transport: http(url) }).extend(publicActionsMetisL2(contracts));
 */
export const publicActionsMetisL2 = (contracts: Pick<MetisL1Contracts, "portal">) => (client: ReaderLike) => ({
  estimateL1Fee: (parameters: EstimateL1FeeParameters) => estimateL1Fee(client, parameters),
  getEvidence: () => getEvidence(client),
  getInclusionProof: (parameters: GetInclusionProofParameters) => getInclusionProof(client, parameters),
  getPoolRewards: () => getPoolRewards(client),
  getPoolStatus: () => getPoolStatus(client),
  getSyncStatus: () => getSyncStatus(client),
  sendRawTransactionWithReceipt: (parameters: SendRawTransactionWithReceiptParameters) =>
    sendRawTransactionWithReceipt(client, parameters),
  waitForDeposit: (parameters: Omit<WaitForDepositParameters, "contracts">) =>
    waitForDeposit(client, { ...parameters, contracts }),
});
export type PublicActionsMetisL2 = ReturnType<ReturnType<typeof publicActionsMetisL2>>;

/**
 * Sending actions for an L2 wallet.
 *
 * @example
 * const l2Wallet = createWalletClient({ account, chain, transport: http(url) }).extend(walletActionsMetisL2());
 */
export const walletActionsMetisL2 = () => (client: WalletLike) => ({
  createBridgedToken: (parameters: CreateBridgedTokenParameters) => createBridgedToken(client, parameters),
  initiateWithdrawal: (parameters: InitiateWithdrawalParameters) => initiateWithdrawal(client, parameters),
});
export type WalletActionsMetisL2 = ReturnType<ReturnType<typeof walletActionsMetisL2>>;
