import {
  buildWithdrawalProof,
  ClientError,
  distributeRewards,
  finalizeWithdrawal,
  getEpochAttendance,
  getPool,
  reportEpoch,
  type EpochAttendance,
} from "@metis/client";
import { emissionReserveAbi } from "@metis/protocol/contracts";
import { parseEventLogs } from "viem";
import { waitForTransactionReceipt } from "viem/actions";
import { showAmount } from "../amounts.ts";
import { CliError, type Io } from "../io.ts";
import { openNetwork, type Network, type NetworkFlags } from "../network.ts";
import { done, metis, tell } from "./change.ts";
import { parseId } from "./status.ts";

export interface EpochFlags extends NetworkFlags {
  readonly epoch?: string;
}

/** Epochs that are looked through for one that is not paid. */
const epochsBack = 16n;

/** `metis stake report`: every step of an epoch that can be made now. */
export async function runEpochReport(flags: EpochFlags, io: Io): Promise<void> {
  const network = openNetwork(flags, io);
  const attendance = await chosen(network, flags);
  const { epoch, blocks } = attendance;
  switch (attendance.status) {
    case "counting":
      throw new CliError(
        "epoch-open",
        `blocks of epoch ${epoch} may still be counted: it is reported two epochs later`,
      );
    case "empty":
      throw new CliError("nothing-counted", `nothing was counted in epoch ${epoch}, so it pays nothing`);
    case "paid":
      return tell(io, { epoch, status: "paid" }, () => [`the rewards of epoch ${epoch} have been paid`]);
    case "unreported":
      return report(network, attendance, io);
    case "reported":
      if (!(await isProven(network, attendance, io)))
        return tell(io, { epoch, blocks, status: "reported" }, () => [
          `epoch ${epoch} is reported on L2; run this again when the claim of the report's batch has settled on L1`,
        ]);
      return distribute(network, attendance, io);
    case "arrived":
      return distribute(network, attendance, io);
    default:
  }
}

async function chosen(network: Network, flags: EpochFlags): Promise<EpochAttendance> {
  if (flags.epoch !== undefined) return attendanceOf(network, parseId(flags.epoch, "--epoch"));
  const { epoch: current } = await getPool(network.l1, network);
  for (let epoch = current > epochsBack ? current - epochsBack : 0n; epoch + 2n <= current; epoch++) {
    const found = await attendanceOf(network, epoch);
    if (found.status !== "paid" && found.status !== "empty") return found;
  }
  throw new CliError("all-paid", "every epoch that is over has been paid: the present and the last one are still open");
}

async function attendanceOf({ l1, l2: l2Client, contracts }: Network, epoch: bigint): Promise<EpochAttendance> {
  const found = await getEpochAttendance(l1, { contracts, epoch, l2Client });
  if (found) return found;
  throw new CliError("epoch-open", `L2 has not reached epoch ${epoch}`);
}

async function report({ l2, account }: Network, { epoch, blocks }: EpochAttendance, io: Io): Promise<void> {
  const hash = await reportEpoch(l2, { account: await account(), epoch });
  const { status } = await waitForTransactionReceipt(l2, { hash });
  if (status !== "success")
    throw new CliError("transaction-reverted", `the L2 transaction ${hash} reverted: somebody was faster`);
  tell(io, { epoch, blocks, status: "reported", l2Transaction: hash }, () => [
    `epoch ${epoch} is reported: ${blocks} blocks were counted (L2 transaction ${hash})`,
    "run this again when the claim of its batch has settled on L1",
  ]);
}

/** False while no settled claim covers the report. */
async function isProven(network: Network, { withdrawal }: EpochAttendance, io: Io): Promise<boolean> {
  const { l1, l2: l2Client, contracts } = network;
  if (!withdrawal) return false;
  try {
    const proof = await buildWithdrawalProof(l1, { contracts, withdrawal, l2Client });
    const account = await network.account();
    const { transactionHash } = await done(network, () =>
      finalizeWithdrawal(l1, { account, contracts, withdrawal, proof }),
    );
    io.note(`the report is proven to L1: ${transactionHash}`);
    return true;
  } catch (error) {
    if (error instanceof ClientError && error.code === "withdrawal-not-settled") return false;
    throw error;
  }
}

async function distribute(network: Network, attendance: EpochAttendance, io: Io): Promise<void> {
  const { l1, contracts } = network;
  const account = await network.account();
  const { logs, transactionHash } = await done(network, () =>
    distributeRewards(l1, { account, contracts, attendance }),
  );
  const [event] = parseEventLogs({ abi: emissionReserveAbi, eventName: "EpochDistributed", logs });
  const { epoch, paid } = event!.args;
  tell(io, { epoch, paid, status: "paid", l1Transaction: transactionHash }, () => [
    `the rewards of epoch ${epoch} are paid, ${showAmount(paid, metis)}: ${transactionHash}`,
  ]);
}
