import { encodeFunctionData, type Address, type Hash } from "viem";
import { readContract } from "viem/actions";
import { ClientError } from "../errors.ts";
import { governanceAbi as abi, timelockOf } from "../utils/governance.ts";
import { send, type ReaderLike, type SendOptions, type WalletLike } from "../utils/send.ts";
import type { StakingRoot } from "../utils/staking.ts";
import { getProposals, type Proposal } from "./getProposals.ts";
import { operationOf } from "./proposeCalls.ts";

export interface ExecuteProposalParameters extends SendOptions {
  readonly contracts: StakingRoot;
  readonly id: Hash;
}
/** Hash of the L1 transaction. */
export type ExecuteProposalReturnType = Hash;
/** `ClientError`: no-account, no-proposal, contract-refused. */
export type ExecuteProposalErrorType = Error;

/**
 * Carries a proposal out whose time has come. Anyone may.
 *
 * @example
 * const hash = await l1Wallet.executeProposal({ id });
 */
export async function executeProposal(
  client: WalletLike,
  { contracts, id, ...options }: ExecuteProposalParameters,
): Promise<ExecuteProposalReturnType> {
  const { calls, predecessor, salt } = await findProposal(client, contracts, id);
  const to = await timelockOf(client, contracts);
  const value = calls.reduce((sum, call) => sum + call.value, 0n);
  const request = { ...options, to, value, abi };
  const [only] = calls;
  // What was proposed as one call has another id than a list of one.
  if (only === undefined || (await idOfList(client, to, { calls, predecessor, salt })) === id.toLowerCase()) {
    const functionName = "executeBatch";
    const data = encodeFunctionData({ abi, functionName, args: operationOf(calls, predecessor, salt) });
    return send(client, { ...request, data, functionName });
  }
  const functionName = "execute";
  const args = [only.target, only.value, only.data, predecessor, salt] as const;
  return send(client, { ...request, data: encodeFunctionData({ abi, functionName, args }), functionName });
}

const idOfList = (
  client: ReaderLike,
  address: Address,
  { calls, predecessor, salt }: Pick<Proposal, "calls" | "predecessor" | "salt">,
): Promise<Hash> =>
  readContract(client, {
    address,
    abi,
    functionName: "hashOperationBatch",
    args: operationOf(calls, predecessor, salt),
  });

async function findProposal(client: ReaderLike, contracts: StakingRoot, id: Hash): Promise<Proposal> {
  const proposal = (await getProposals(client, { contracts })).find((one) => one.id === id.toLowerCase());
  if (!proposal) throw new ClientError("no-proposal", `the timelock knows no proposal ${id}`, { id });
  return proposal;
}
