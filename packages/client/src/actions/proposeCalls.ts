import { encodeFunctionData, numberToHex, zeroHash, type Hash } from "viem";
import { call, readContract } from "viem/actions";
import { governanceAbi as abi, timelockOf } from "../utils/governance.ts";
import { actingAccount, refusal, send, type ReaderLike, type SendOptions, type WalletLike } from "../utils/send.ts";
import type { StakingRoot } from "../utils/staking.ts";
import { getProposals, type GovernanceCall } from "./getProposals.ts";

export interface ProposeCallsParameters extends SendOptions {
  readonly contracts: StakingRoot;
  /** Carried out together, in this order. */
  readonly calls: readonly GovernanceCall[];
  /** A proposal that has to be carried out before. */
  readonly predecessor?: Hash;
  /** Tells apart proposals of the same calls. Default: the number of proposals so far. */
  readonly salt?: Hash;
  /** Seconds; default and least: the timelock's delay. */
  readonly delay?: bigint;
  /** Do not try the calls on L1's state of now first: they may need what comes before them. */
  readonly unchecked?: boolean;
}
export interface ProposeCallsReturnType {
  readonly id: Hash;
  /** Hash of the L1 transaction. */
  readonly hash: Hash;
}
/** `ClientError`: no-account, contract-refused, also when a call would be refused later. */
export type ProposeCallsErrorType = Error;

/**
 * Announces calls of the timelock, as one of its governors. What a contract would refuse is refused here, before anything is sent.
 *
 * @example
 * const { id } = await l1Wallet.proposeCalls({ calls: [{ target: lockingPool, value: 0n, data }] });
 */
export async function proposeCalls(
  client: WalletLike,
  { contracts, calls, predecessor = zeroHash, salt, delay, unchecked = false, ...options }: ProposeCallsParameters,
): Promise<ProposeCallsReturnType> {
  actingAccount(client, options);
  const address = await timelockOf(client, contracts);
  const timelock = { address, abi } as const;
  if (!unchecked) for (const one of calls) await tryCall(client, { ...one, from: address });
  const [least, before] = await Promise.all([
    readContract(client, { ...timelock, functionName: "getMinDelay" }),
    salt === undefined ? getProposals(client, { contracts }) : [],
  ]);
  const operation = operationOf(calls, predecessor, salt ?? numberToHex(before.length, { size: 32 }));
  const id = await readContract(client, { ...timelock, functionName: "hashOperationBatch", args: operation });
  const functionName = "scheduleBatch";
  const data = encodeFunctionData({ abi, functionName, args: [...operation, delay ?? least] });
  return { id, hash: await send(client, { ...options, to: address, data, abi, functionName }) };
}

/** What all functions of the timelock take. */
export const operationOf = (calls: readonly GovernanceCall[], predecessor: Hash, salt: Hash) =>
  [
    calls.map(({ target }) => target),
    calls.map(({ value }) => value),
    calls.map(({ data }) => data),
    predecessor,
    salt,
  ] as const;

async function tryCall(
  client: ReaderLike,
  { target, value, data, from }: GovernanceCall & { readonly from: `0x${string}` },
): Promise<void> {
  try {
    await call(client, { account: from, to: target, data, value });
  } catch (error) {
    throw refusal(error, { abi, address: target, functionName: "the proposed call" });
  }
}
