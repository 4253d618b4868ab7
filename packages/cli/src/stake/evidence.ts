import { ClientError, getEvidence, reportEvidence, type Evidence } from "@metis/client";
import { slashingManagerAbi } from "@metis/protocol/contracts";
import { parseEventLogs, type Account } from "viem";
import { showAmount } from "../amounts.ts";
import { CliError, type Io } from "../io.ts";
import { openNetwork, type Network, type NetworkFlags } from "../network.ts";
import { done, metis, tell } from "./change.ts";

/** What became of a piece of evidence. */
type Outcome = Pick<Evidence, "id" | "signer" | "offence"> &
  (
    | { readonly refused: string }
    | { readonly slashId: bigint; readonly seatId: bigint; readonly reward: bigint; readonly l1Transaction: string }
  );

/** `metis stake accuse --evidence`: all that a node has found. */
export async function runEvidence(flags: NetworkFlags, io: Io): Promise<void> {
  const network = openNetwork(flags, io);
  const account = await network.account();
  const found = await getEvidence(network.l2);
  const outcomes: Outcome[] = [];
  for (const evidence of found) {
    const outcome = await bring(network, account, evidence);
    outcomes.push(outcome);
    if (!io.json) io.out(sentence(outcome));
  }
  if (io.json || found.length === 0)
    tell(io, { evidence: outcomes }, () => ["the node has found nothing against anybody"]);
}

async function bring(network: Network, account: Account, evidence: Evidence): Promise<Outcome> {
  const { l1, contracts } = network;
  const { id, signer, offence } = evidence;
  try {
    const { logs, transactionHash } = await done(network, () => reportEvidence(l1, { account, contracts, evidence }));
    const [event] = parseEventLogs({ abi: slashingManagerAbi, eventName: "SeatSlashed", logs });
    const { slashId, seqId: seatId, reward } = event!.args;
    return { id, signer, offence, slashId, seatId, reward, l1Transaction: transactionHash };
  } catch (error) {
    if (!(error instanceof ClientError) && !(error instanceof CliError)) throw error;
    const { error: name } = error.payload as { readonly error?: unknown };
    return { id, signer, offence, refused: typeof name === "string" ? name : error.code };
  }
}

function sentence(outcome: Outcome): string {
  const { signer, offence } = outcome;
  if ("refused" in outcome)
    return outcome.refused === "EvidenceUsed"
      ? `${signer} ${offence}: it was slashed for that already`
      : `${signer} ${offence}: L1 refuses it (${outcome.refused})`;
  const { seatId, reward, l1Transaction } = outcome;
  return `${signer} ${offence}: seat ${seatId} is slashed, ${showAmount(reward, metis)} are yours: ${l1Transaction}`;
}
