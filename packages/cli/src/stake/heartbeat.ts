import { getHandover, sendHeartbeat, type GetHandoverReturnType } from "@metis/client";
import { showSeconds } from "../amounts.ts";
import { CliError, columns, type Io } from "../io.ts";
import { openAccount, openL1, type L1Network, type NetworkFlags } from "../network.ts";
import { handoverSentence } from "../status/handover.ts";
import { percent, seatOfSigner } from "../status/pool.ts";
import { done, tell } from "./change.ts";

export interface HeartbeatFlags extends NetworkFlags {
  readonly signerKeyFile?: string;
  readonly signerPasswordFile?: string;
}

type Handover = GetHandoverReturnType;

/** `metis stake heartbeat`: who is silent, or a sign of life of one seat. */
export async function runHeartbeat(flags: HeartbeatFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  if (flags.signerKeyFile !== undefined) return send(network, flags.signerKeyFile, flags, io);
  const state = await getHandover(network.l1, network);
  tell(io, state, () => [handoverSentence(state), "", silenceTable(state)]);
}

async function send(network: L1Network, keyFile: string, flags: HeartbeatFlags, io: Io): Promise<void> {
  const signer = await openAccount(keyFile, flags.signerPasswordFile, "--signer-password-file");
  if ((await seatOfSigner(network, signer.address)) === 0n)
    throw new CliError(
      "not-a-seat",
      `the key of ${signer.address} signs for no seat on L1: give --signer-key-file the seat's`,
    );
  const account = await network.account();
  const { transactionHash: l1Transaction } = await done(network, () =>
    sendHeartbeat(network.l1, { account, contracts: network.contracts, signer }),
  );
  tell(io, { signer: signer.address, l1Transaction }, () => [
    `L1 has seen that ${signer.address} is there: ${l1Transaction}`,
  ]);
}

/** One line a member of the set in force. */
function silenceTable({ members, totalWeight, leakStart, silenceLimit }: Handover): string {
  const counts = (silentFor: number): string => {
    if (silentFor < leakStart) return "in full";
    const left = Math.max(0, silenceLimit - silentFor) / (silenceLimit - leakStart);
    return left === 0 ? "nothing" : `${(100 * left).toFixed(1)} % of it`;
  };
  return columns([
    ["signer", "weight", "silent for", "counts"],
    ...members.map(({ signer, weight, silentFor }) => [
      signer,
      percent(weight, totalWeight),
      showSeconds(silentFor),
      counts(silentFor),
    ]),
  ]);
}
