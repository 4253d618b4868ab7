import { encodeL1Header, type L1JsonHeader } from "@metis/protocol";
import { batchInboxAbi } from "@metis/protocol/contracts";
import { encodeFunctionData, numberToHex, type Client, type Hash, type Hex } from "viem";
import { getBlockNumber, readContract, waitForTransactionReceipt } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import { ClientError } from "../errors.ts";
import { send, type SendOptions, type WalletLike } from "../utils/send.ts";

export interface CheckpointAnchorParameters extends SendOptions {
  readonly contracts: Pick<MetisL1Contracts, "batchInbox">;
  /** The L1 block whose hash is wanted. */
  readonly number: bigint;
  /** Told before each transaction: it goes from a known block `from` down to `to`. */
  readonly onStep?: (from: bigint, to: bigint) => void;
}
/** Hashes of the L1 transactions, mined, in order; none when the inbox knows the block. */
export type CheckpointAnchorReturnType = readonly Hash[];
/** `ClientError`: no-account, contract-refused, l1-block-unknown, transaction-reverted. */
export type CheckpointAnchorErrorType = Error;

/** L1 headers in one transaction; runs end at multiples, so that the next old block finds the way half gone. */
const run = 128n;

/**
 * Brings the hash of an L1 block that L1 itself has forgotten (EIP-2935 keeps 8,191) back to the inbox, by walking parent hashes
 * down from a block that it knows: about 25,000 gas a block. Anyone may. What `escape` refuses with AnchorUnknown passes then.
 *
 * @example
 * await l1Wallet.checkpointAnchor({ number: 21_000_000n });
 */
export async function checkpointAnchor(
  client: WalletLike,
  { contracts, number, onStep, ...options }: CheckpointAnchorParameters,
): Promise<CheckpointAnchorReturnType> {
  const inbox = { address: contracts.batchInbox, abi: batchInboxAbi } as const;
  const isKnown = async (block: bigint): Promise<boolean> =>
    BigInt(await readContract(client, { ...inbox, functionName: "anchorHashAt", args: [block] })) !== 0n;

  if (await isKnown(number)) return [];
  const lowest = ((number + run - 1n) / run) * run;
  let from = lowest;
  const head = await getBlockNumber(client, { cacheTime: 0 });
  while (!(await isKnown(from))) {
    from += run;
    if (from >= head) throw new ClientError("l1-block-unknown", `no block above ${number} leads to it`, { number });
  }
  const hashes: Hash[] = [];
  while (from > number) {
    const to = from > lowest ? from - run : number;
    onStep?.(from, to);
    const functionName = "checkpointAnchor";
    const args = [await headersDown(client, from, to)] as const;
    const data = encodeFunctionData({ abi: batchInboxAbi, functionName, args });
    const hash = await send(client, { ...options, to: inbox.address, data, abi: batchInboxAbi, functionName });
    const { status } = await waitForTransactionReceipt(client, { hash });
    if (status !== "success")
      throw new ClientError("transaction-reverted", `the L1 transaction ${hash} reverted`, { hash });
    hashes.push(hash);
    from = to;
  }
  return hashes;
}

/** RLP of the headers `from` down to `to`, both included. */
function headersDown(client: Client, from: bigint, to: bigint): Promise<Hex[]> {
  const numbers = Array.from({ length: Number(from - to) + 1 }, (_, step) => from - BigInt(step));
  return Promise.all(
    numbers.map(async (number) => {
      const params = [numberToHex(number), false] as const;
      const header: unknown = await client.request({ method: "eth_getBlockByNumber", params: [...params] } as never);
      if (header === null) throw new ClientError("l1-block-unknown", `L1 has no block ${number} yet`, { number });
      return encodeL1Header(header as L1JsonHeader);
    }),
  );
}
