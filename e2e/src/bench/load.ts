// One and the same load for any JSON-RPC endpoint: ERC-20 transfers of many senders, signed beforehand.
import { metisTokenAbi, metisTokenBytecode } from "@metis/protocol/contracts";
import { systemClock } from "@metis/runtime";
import {
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  http,
  numberToHex,
  parseEther,
  parseGwei,
  type Address,
  type Hash,
  type Hex,
  type PrivateKeyAccount,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

export interface LoadOptions {
  readonly senders: number;
  readonly transfersEach: number;
}

/** Signed transactions by sender, in nonce order. */
export interface Load {
  readonly bySender: readonly (readonly Hex[])[];
  readonly transactions: number;
}

export interface LoadResult {
  /** From the first byte sent to the last receipt there. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly firstBlock: bigint;
  readonly lastBlock: bigint;
}

const clock = systemClock();
/** Raw transactions in one JSON-RPC batch. */
const batchSize = 50;
const connections = 8;
const fees = { maxFeePerGas: parseGwei("20"), maxPriorityFeePerGas: parseGwei("1") } as const;

const senderAccount = (index: number): PrivateKeyAccount =>
  privateKeyToAccount(numberToHex(0xbe_0000n + BigInt(index) + 1n, { size: 32 }));

/** Deploys a token, funds the senders on `url` out of `funderKey`, and signs the whole load. */
export async function prepareLoad(url: string, funderKey: Hex, options: LoadOptions): Promise<Load> {
  const reader = createPublicClient({ transport: http(url), pollingInterval: 100, cacheTime: 0 });
  const account = privateKeyToAccount(funderKey);
  const wallet = createWalletClient({ account, transport: http(url) });
  const chainId = await reader.getChainId();
  const supply = parseEther("1000000");
  const hash = await wallet.deployContract({
    abi: metisTokenAbi,
    bytecode: metisTokenBytecode,
    args: [account.address, supply],
    chain: null,
  });
  const token = (await reader.waitForTransactionReceipt({ hash })).contractAddress!;
  const accounts = Array.from({ length: options.senders }, (_, index) => senderAccount(index));

  let nonce = await reader.getTransactionCount({ address: account.address });
  const gifts: Hash[] = [];
  for (const { address } of accounts) {
    const common = { chain: null, gas: 100_000n, ...fees } as const;
    gifts.push(await wallet.sendTransaction({ ...common, to: address, value: parseEther("1"), nonce: nonce++ }));
    const data = transferCall(address, 1_000_000n);
    gifts.push(await wallet.sendTransaction({ ...common, to: token, data, nonce: nonce++ }));
  }
  for (const gift of gifts) await reader.waitForTransactionReceipt({ hash: gift });

  const bySender = await Promise.all(
    accounts.map(async (sender, index) => {
      const first = await reader.getTransactionCount({ address: sender.address });
      const signed: Hex[] = [];
      for (let i = 0; i < options.transfersEach; i++)
        signed.push(
          await sender.signTransaction({
            type: "eip1559",
            chainId,
            nonce: first + i,
            to: token,
            data: transferCall(accounts[(index + i + 1) % accounts.length]!.address, 1n + BigInt(i % 7)),
            gas: 100_000n,
            ...fees,
          }),
        );
      return signed;
    }),
  );
  return { bySender, transactions: options.senders * options.transfersEach };
}

/** Sends everything over a few connections and waits for the last transaction of every sender. */
export async function runLoad(url: string, load: Load): Promise<LoadResult> {
  const reader = createPublicClient({ transport: http(url), pollingInterval: 50, cacheTime: 0 });
  const began = clock.monotonic();
  const last: Hash[] = [];
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      for (const mine of load.bySender.filter((_sender, index) => index % connections === connection)) {
        let hashes: readonly Hash[] = [];
        for (let i = 0; i < mine.length; i += batchSize) hashes = await sendBatch(url, mine.slice(i, i + batchSize));
        last.push(hashes.at(-1)!);
      }
    }),
  );
  const timeout = 600_000;
  const receipts = await Promise.all(last.map((hash) => reader.waitForTransactionReceipt({ hash, timeout })));
  const seconds = (clock.monotonic() - began) / 1_000;
  const blocks = receipts.map(({ blockNumber }) => blockNumber);
  const lastBlock = blocks.reduce((a, b) => (a > b ? a : b));
  const firstBlock = await firstBlockOf(reader, load.bySender);
  return { seconds, perSecond: load.transactions / seconds, firstBlock, lastBlock };
}

async function firstBlockOf(reader: ReturnType<typeof createPublicClient>, bySender: Load["bySender"]) {
  const { keccak256 } = await import("viem");
  const receipts = await Promise.all(
    bySender.map(([first]) => reader.getTransactionReceipt({ hash: keccak256(first!) })),
  );
  return receipts.map(({ blockNumber }) => blockNumber).reduce((a, b) => (a < b ? a : b));
}

async function sendBatch(url: string, raw: readonly Hex[]): Promise<readonly Hash[]> {
  const calls = raw.map((tx, id) => ({ jsonrpc: "2.0", id, method: "eth_sendRawTransaction", params: [tx] }));
  for (;;) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(calls),
    });
    const answers = (await response.json()) as readonly { id: number; result?: Hash; error?: { message: string } }[];
    const refused = answers.filter(({ error }) => error && !/already known/i.test(error.message));
    if (refused.length === 0) return answers.toSorted((a, b) => a.id - b.id).map(({ result }) => result!);
    // A full pool: what it took is known to it, the rest comes again.
    if (!/full|limit|too many|exceed/i.test(refused[0]!.error!.message)) throw new Error(refused[0]!.error!.message);
    await clock.sleep(100);
  }
}

const transferCall = (to: Address, amount: bigint): Hex =>
  encodeFunctionData({ abi: metisTokenAbi, functionName: "transfer", args: [to, amount] });
