import {
  BaseError,
  ContractFunctionRevertedError,
  getContractError,
  type Abi,
  type Account,
  type Address,
  type Client,
  type Hash,
  type Hex,
} from "viem";
import { parseAccount } from "viem/accounts";
import { estimateGas, sendTransaction } from "viem/actions";
import { ClientError } from "../errors.ts";

/** Any client that can send: with an account of its own, or with one given per call. */
export type WalletLike = Client;
/** Any client that can read. */
export type ReaderLike = Client;

/** What every sending action takes. */
export interface SendOptions {
  /** Default: the client's account. */
  readonly account?: Account | Address;
}

interface Call extends SendOptions {
  readonly to: Address;
  readonly data: Hex;
  readonly value?: bigint;
  /** Names the custom errors of a refusal. */
  readonly abi: Abi;
  readonly functionName: string;
}

/** Between estimate and block the price of deposit gas, which is paid in L1 gas, may rise. Percent. */
const gasMargin = 30n;

/** The account that acts; throws `no-account`. */
export function actingAccount(client: WalletLike, options: SendOptions): Account {
  const account = options.account ?? client.account;
  if (account === undefined)
    throw new ClientError("no-account", "no account to send from: give the client one, or the call");
  return parseAccount(account);
}

/** Sends a contract call with room in its gas. Throws `contract-refused` with the name of the contract's error. */
export async function send(client: WalletLike, call: Call): Promise<Hash> {
  const { to, data, value, abi, functionName } = call;
  const account = actingAccount(client, call);
  const request = { account, to, data, ...(value !== undefined && { value }) };
  let gas: bigint;
  try {
    gas = await estimateGas(client, request);
  } catch (error) {
    throw refusal(error, { abi, address: to, functionName });
  }
  return sendTransaction(client, { ...request, chain: client.chain ?? null, gas: (gas * (100n + gasMargin)) / 100n });
}

/** What a contract said, found in whatever viem threw. */
export function refusal(
  error: unknown,
  call: { readonly abi: Abi; readonly address: Address; readonly functionName: string },
): unknown {
  if (!(error instanceof BaseError)) return error;
  const known = getContractError(error, { ...call, args: [] });
  const revert = known.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(revert instanceof ContractFunctionRevertedError)) return error;
  const name = revert.data?.errorName ?? revert.reason ?? revert.signature ?? "without a reason";
  const { functionName, address } = call;
  return new ClientError(
    "contract-refused",
    `${functionName} was refused: ${name}`,
    { error: name, arguments: revert.data?.args ?? [], functionName, address },
    { cause: error },
  );
}
