import {
  ClientError,
  buildWithdrawalProof,
  finalizeWithdrawal,
  getTimeToFinalize,
  getWithdrawal,
  getWithdrawalStatus,
  initiateWithdrawal,
  settle,
  waitForWithdrawalStatus,
  type InitiateWithdrawalParameters,
  type LoggedWithdrawal,
  type WithdrawalStatus,
} from "@metis/client";
import { portalAbi } from "@metis/protocol/contracts";
import { systemClock } from "@metis/runtime";
import { TransactionReceiptNotFoundError, isHash, parseEventLogs, type Hash, type TransactionReceipt } from "viem";
import { getTransactionReceipt, waitForTransactionReceipt } from "viem/actions";
import { parseAmount, parseAsset, showAmount, showSeconds, type Asset } from "../amounts.ts";
import { UsageError, toJson, type Io } from "../io.ts";
import { openNetwork, type Network, type NetworkFlags } from "../network.ts";
import { throughOutages } from "./outage.ts";
import { BridgeError, l2TokenOf, recipient, type TransferFlags } from "./deposit.ts";

/** `metis bridge withdraw`. */
export async function runWithdraw(flags: TransferFlags, io: Io): Promise<void> {
  const network = openNetwork(flags, io);
  const asset = await parseAsset(network.l1, flags.asset);
  const amount = parseAmount(flags.amount, asset);
  const hash = await initiateWithdrawal(network.l2, await request(network, flags, asset, amount));
  const receipt = await waitForTransactionReceipt(network.l2, { hash });
  if (receipt.status !== "success")
    throw new BridgeError("withdrawal-failed", "reject", `the L2 transaction ${hash} reverted; nothing was taken`, {});
  io.note(`withdrawing ${showAmount(amount, asset)}: L2 transaction ${hash} in block ${receipt.blockNumber}`);
  if (flags.wait === true) return finish(network, hash, receipt, io);
  if (io.json) io.out(toJson({ l2Transaction: hash, withdrawalHash: getWithdrawal(receipt).withdrawalHash }));
  else io.out(`${hash}\nTo have it paid on L1 when it is time: metis bridge finish ${hash}`);
}

/** `metis bridge finish`: goes on with a withdrawal that was begun. */
export async function runFinish(l2Transaction: string, flags: NetworkFlags, io: Io): Promise<void> {
  const network = openNetwork(flags, io);
  await finish(network, l2Transaction as Hash, await receiptOf(network, l2Transaction), io);
}

/** `metis bridge status`. */
export async function runWithdrawalStatus(l2Transaction: string, flags: NetworkFlags, io: Io): Promise<void> {
  const { l1, l2, contracts } = openNetwork(flags, io);
  const withdrawal = getWithdrawal(await receiptOf({ l2 }, l2Transaction));
  const parameters = { contracts, withdrawal, l2Client: l2 };
  const status = await getWithdrawalStatus(l1, parameters);
  const time = await getTimeToFinalize(l1, parameters);
  if (io.json) io.out(toJson({ ...status, withdrawalHash: withdrawal.withdrawalHash, secondsToPayment: time.seconds }));
  else io.out(describe(status));
}

async function request(
  network: Network,
  flags: TransferFlags,
  asset: Asset,
  amount: bigint,
): Promise<InitiateWithdrawalParameters> {
  const to = recipient(flags);
  const common = { account: await network.account(), amount, ...(to && { to }) };
  if (asset.kind !== "erc20") return { ...common, asset: asset.kind };
  return { ...common, asset: "erc20", l1Token: asset.l1Token, l2Token: l2TokenOf(flags) };
}

async function receiptOf({ l2 }: Pick<Network, "l2">, hash: string): Promise<TransactionReceipt> {
  if (!isHash(hash)) throw new UsageError(`"${hash}" is not the hash of an L2 transaction`);
  try {
    return await getTransactionReceipt(l2, { hash });
  } catch (error) {
    if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
    throw new UsageError(`L2 has no transaction ${hash} in a block: not included yet, or of another chain`);
  }
}

/** To the end: waits, settles what is due, proves, and has it paid. */
const finish = (network: Network, l2Transaction: Hash, receipt: TransactionReceipt, io: Io): Promise<void> =>
  throughOutages(network, io, () => settleAndPay(network, l2Transaction, receipt, io));

async function settleAndPay(network: Network, l2Transaction: Hash, receipt: TransactionReceipt, io: Io): Promise<void> {
  const withdrawal = getWithdrawal(receipt);
  const { withdrawalHash } = withdrawal;
  const state = await waitUntilPayable(network, withdrawal, io);
  if (state.status === "finalized") {
    if (io.json) io.out(toJson({ l2Transaction, withdrawalHash, status: "finalized" }));
    else io.out("paid on L1 before");
    return;
  }
  const { l1, l2: l2Client, contracts } = network;
  const account = await network.account();
  const proof = await buildWithdrawalProof(l1, { contracts, withdrawal, l2Client });
  const l1Transaction = await finalizeWithdrawal(l1, { account, contracts, withdrawal, proof });
  const { logs, blockNumber } = await waitForTransactionReceipt(l1, { hash: l1Transaction });
  const [paid] = parseEventLogs({ abi: portalAbi, eventName: "WithdrawalFinalized", logs });
  if (!paid)
    throw new BridgeError("withdrawal-failed", "retry", `the L1 transaction ${l1Transaction} reverted`, {
      l1Transaction,
    });
  const callSucceeded = paid.args.success;
  const { batchIndex } = proof;
  if (io.json)
    io.out(toJson({ l2Transaction, withdrawalHash, batchIndex, l1Transaction, status: "finalized", callSucceeded }));
  else io.out(`paid on L1 in block ${blockNumber}: ${l1Transaction}${callSucceeded ? "" : "; its call on L1 failed"}`);
}

async function waitUntilPayable(network: Network, withdrawal: LoggedWithdrawal, io: Io): Promise<WithdrawalStatus> {
  const { l1, l2: l2Client, contracts } = network;
  const onStatus = progress(io);
  for (;;) {
    const state = await waitForWithdrawalStatus(l1, {
      contracts,
      withdrawal,
      l2Client,
      onStatus,
      statuses: ["ready-to-settle", "ready-to-finalize", "finalized"],
    });
    if (state.status !== "ready-to-settle") return state;
    await settleIfNobodyElseDid(network, state.batchIndex);
  }
}

/** The proposer settles, too: whoever comes first. */
async function settleIfNobodyElseDid({ l1, contracts, account }: Network, batchIndex: bigint): Promise<void> {
  try {
    const hash = await settle(l1, { account: await account(), contracts, batchIndex });
    await waitForTransactionReceipt(l1, { hash });
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "contract-refused") throw error;
  }
}

/** A line for each new state, and every ten seconds for the time left. */
function progress(io: Io): (status: WithdrawalStatus) => void {
  const clock = systemClock();
  let [last, shownAt] = ["", 0];
  return (status) => {
    const now = clock.monotonic();
    if (status.status === last && now - shownAt < 10_000) return;
    [last, shownAt] = [status.status, now];
    io.note(describe(status));
  };
}

function describe(state: WithdrawalStatus): string {
  if ("secondsLeft" in state) return `${waits[state.status](state.batchIndex)} ${showSeconds(state.secondsLeft)}`;
  return "batchIndex" in state ? turns[state.status](state.batchIndex) : plain[state.status];
}

const waits = {
  "in-challenge-window": (batch: bigint) => `in batch ${batch}; its claim may be challenged for another`,
  "da-challenge": (batch: bigint) => `somebody demands the data of batch ${batch}; time left to show it:`,
  paused: (batch: bigint) => `batch ${batch} is settled, but the guardian has paused withdrawals for another`,
} as const;
const turns = {
  "ready-to-settle": (batch: bigint) => `the challenge window of batch ${batch} is over; settling it`,
  "ready-to-finalize": (batch: bigint) => `batch ${batch} is settled; it can be paid`,
  "claim-rejected": (batch: bigint) => `the claim of batch ${batch} was rejected; waiting for a right one`,
  fraud: (batch: bigint) => `the claim of batch ${batch} was fraud; its signers pay, and a right one is awaited`,
} as const;
const plain = {
  "waiting-for-batch": "waiting for its block to be posted to L1 in a batch",
  "waiting-for-claim": "its batch is on L1; waiting for somebody to claim the state",
  finalized: "paid on L1",
} as const;
