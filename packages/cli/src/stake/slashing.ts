import { readFileSync } from "node:fs";
import {
  ClientError,
  getInclusionProof,
  getSlashes,
  reportReceipts,
  withdrawSlashing,
  type InclusionProof,
  type UserReceipt,
} from "@metis/client";
import { slashingManagerAbi } from "@metis/protocol/contracts";
import { hexToBigInt, hexToNumber, isHex, parseEventLogs, type Hex } from "viem";
import { showAmount } from "../amounts.ts";
import { CliError, UsageError, type Io } from "../io.ts";
import { openL1, openNetwork, type Network, type NetworkFlags } from "../network.ts";
import { done, metis, tell } from "./change.ts";
import { runEvidence } from "./evidence.ts";
import { parseId } from "./status.ts";

export interface AccuseFlags extends NetworkFlags {
  readonly receipts?: readonly string[];
  readonly evidence?: boolean;
}
export interface SlashesFlags extends NetworkFlags {
  readonly seat?: string;
  readonly withdraw?: boolean;
}

/** What L1 says to evidence that it does not take. */
const refusals: ReadonlyMap<unknown, string> = new Map([
  ["NoConflict", "the receipts do not contradict each other: they are of two generations, or about one transaction"],
  [
    "NotOneSigner",
    "the receipts were signed by two leaders, who keep an order each, or they are of another chain than this one",
  ],
  ["NotASeat", "the signer of the receipts holds no seat and never did"],
  ["ClaimNotSettled", "a claim on the transactions' batches has not settled on L1: try again when it has"],
  [
    "ReceiptDoesNotBind",
    "a transaction is in another member's block, or outside of its receipt's blocks: nobody promised its place there",
  ],
  ["OrderKept", "the transactions stand in the order of their receipts"],
  ["EvidenceUsed", "the leader was slashed for this already"],
  ["NothingToSlash", "nothing is left of the leader's stake"],
]);

/** `metis stake accuse`. */
export async function runAccuse(flags: AccuseFlags, io: Io): Promise<void> {
  if (flags.evidence === true && flags.receipts === undefined) return runEvidence(flags, io);
  if (flags.evidence === true || flags.receipts === undefined)
    throw new UsageError("give --receipts with two files, or --evidence for what the node has found");
  const [first, second, ...more] = flags.receipts.map(readReceipt);
  if (!first || !second || more.length > 0) throw new UsageError("--receipts takes two files");
  const network = openNetwork(flags, io);
  const { l1, contracts } = network;
  const account = await network.account();
  const inclusions = await inclusionsOf(network, first, second);
  const receipt = await judged(() =>
    done(network, () =>
      reportReceipts(l1, { account, contracts, receipts: [first, second], ...(inclusions && { inclusions }) }),
    ),
  );
  const [event] = parseEventLogs({ abi: slashingManagerAbi, eventName: "SeatSlashed", logs: receipt.logs });
  const { slashId, seqId: seatId, reward, escrowed } = event!.args;
  const l1Transaction = receipt.transactionHash;
  tell(io, { slashId, seatId, reward, escrowed, l1Transaction }, () => [
    `seat ${seatId} lost ${showAmount(reward + escrowed, metis)}, of which ${showAmount(reward, metis)} are yours: ${l1Transaction}`,
    "have it paid: `metis stake slashes --withdraw`",
  ]);
}

/** `metis stake slashes`. */
export async function runSlashes(flags: SlashesFlags, io: Io): Promise<void> {
  const network = openL1(flags, io);
  const { l1, contracts } = network;
  if (flags.withdraw === true) {
    const account = await network.account();
    const { logs, transactionHash } = await done(network, () => withdrawSlashing(l1, { account, contracts }));
    const [paid] = parseEventLogs({ abi: slashingManagerAbi, eventName: "Withdrawn", logs });
    const { amount } = paid!.args;
    return tell(io, { amount, l1Transaction: transactionHash }, () => [
      `${showAmount(amount, metis)} paid: ${transactionHash}`,
    ]);
  }
  const seatId = flags.seat === undefined ? undefined : parseId(flags.seat, "--seat");
  const slashes = await getSlashes(l1, { contracts, ...(seatId !== undefined && { seatId }) });
  tell(io, { slashes }, () =>
    slashes.length === 0
      ? ["nobody was slashed"]
      : slashes.map(({ slashId, offence, own, delegated, exiting, state, ...slash }) => {
          const taken = showAmount(own + delegated + exiting, metis);
          return `slash ${slashId}: seat ${slash.seatId} lost ${taken} for ${offence}; the rest after the reporter's share is ${state}`;
        }),
  );
}

/** Where the transactions stand; not asked when one sequence stands for both. */
async function inclusionsOf(
  { l2 }: Network,
  first: UserReceipt,
  second: UserReceipt,
): Promise<readonly [InclusionProof, InclusionProof] | undefined> {
  if (first.receipt.sequence === second.receipt.sequence) return undefined;
  const prove = async ({ receipt: { transactionHash: hash } }: UserReceipt): Promise<InclusionProof> => {
    const inclusion = await getInclusionProof(l2, { hash });
    if (inclusion) return inclusion;
    throw new CliError(
      "not-included",
      `the node has no proof of where ${hash} stands: it is in no batch yet, or too old`,
    );
  };
  return [await prove(first), await prove(second)];
}

async function judged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const said = refusals.get(refusalIn(error));
    if (said === undefined) throw error;
    throw new CliError("evidence-refused", said);
  }
}

/** The name of a contract's refusal. */
const refusalIn = (error: unknown): unknown =>
  error instanceof ClientError && error.code === "contract-refused"
    ? (error.payload as { readonly error?: unknown }).error
    : undefined;

/** A file with an answer of `rollup_sendRawTransactionWithReceipt`. */
function readReceipt(file: string): UserReceipt {
  const answer = parsed(file);
  const given = { ...(answer["receipt"] as object), transactionHash: answer["transactionHash"] };
  const hex = (name: string, digits: string): Hex => {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (!isHex(value) || !new RegExp(`^0x.{${digits}}$`).test(value))
      throw new UsageError(`${file}: ${name} is missing, or is not what a node answers`);
    return value;
  };
  const number = (name: string): bigint => hexToBigInt(hex(name, "1,16"));
  const receipt = {
    generation: hexToNumber(hex("generation", "1,8")),
    transactionHash: hex("transactionHash", "64"),
    sequence: number("sequence"),
    firstBlock: number("firstBlock"),
    lastBlock: number("lastBlock"),
  };
  return { receipt, signature: hex("signature", "130") };
}

function parsed(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`${file} holds no receipt`);
}
