import { RpcError, rpcCodes } from "@metis/runtime";
import type { MvmReader } from "@metis/mvm";
import { effectiveGasPrice } from "@metis/protocol";
import type { Blocks } from "./blocks.ts";
import { decodeRaw } from "./blocks.ts";
import type { EthContext } from "./context.ts";
import { quantity, type JsonObject } from "./format.ts";
import { blobGasPrice, blobParametersAt, gasPerBlob, nextBaseFee } from "./blockFees.ts";
import { decodeHeader, type Header } from "./header.ts";
import type { BlockSelector } from "./params.ts";

/** Most blocks of one fee history, and most percentiles, as geth has them. */
const maxHistory = 1024;
const maxPercentiles = 100;

/** `eth_feeHistory`. */
export async function feeHistory(
  context: EthContext,
  blocks: Blocks,
  wanted: { readonly count: number; readonly newest: BlockSelector; readonly percentiles: readonly number[] },
): Promise<JsonObject> {
  const { percentiles } = wanted;
  checkPercentiles(percentiles);
  if (wanted.count < 1) return { oldestBlock: "0x0", gasUsedRatio: [] };
  const newest = await blocks.find(wanted.newest);
  if (!newest) throw new RpcError(rpcCodes.serverError, "request beyond head block");
  const last = newest.number;
  const count = BigInt(Math.min(wanted.count, maxHistory));
  const first = last + 1n > count ? last + 1n - count : 0n;
  const headers = (await context.reader.headers(first, last)).map(({ headerRlp }) => decodeHeader(headerRlp));
  const final = headers.at(-1);
  if (!final) throw new RpcError(rpcCodes.serverError, "header not found");
  const rewards: string[][] = [];
  if (percentiles.length > 0)
    for (const header of headers) rewards.push(await rewardsOf(context.reader, header, percentiles));
  const blobPrices = headers.map((header) => blobGasPrice(header, context.schedule));
  return {
    oldestBlock: quantity(first),
    baseFeePerGas: [...headers.map(({ baseFeePerGas }) => baseFeePerGas ?? 0n), nextBaseFee(final) ?? 0n].map(quantity),
    gasUsedRatio: headers.map(({ gasUsed, gasLimit }) => Number(gasUsed) / Number(gasLimit)),
    ...(percentiles.length > 0 ? { reward: rewards } : {}),
    baseFeePerBlobGas: [...blobPrices, blobPrices.at(-1) ?? 0n].map(quantity),
    blobGasUsedRatio: headers.map((header) => blobRatio(header, context)),
  };
}

function blobRatio({ blobGasUsed, timestamp }: Header, { schedule }: EthContext): number {
  const { max } = blobParametersAt(timestamp, schedule);
  return Number(blobGasUsed ?? 0n) / (max * gasPerBlob);
}

function checkPercentiles(percentiles: readonly number[]): void {
  if (percentiles.length > maxPercentiles)
    throw new RpcError(rpcCodes.serverError, `invalid reward percentile: over the query limit ${maxPercentiles}`);
  for (const [index, value] of percentiles.entries()) {
    if (value < 0 || value > 100) throw new RpcError(rpcCodes.serverError, `invalid reward percentile: ${value}`);
    const before = percentiles[index - 1];
    if (before !== undefined && value <= before)
      throw new RpcError(
        rpcCodes.serverError,
        `invalid reward percentile: #${index - 1}:${before} >= #${index}:${value}`,
      );
  }
}

/** Tips a gas at each percentile of the block's gas, transactions sorted by tip. Deposits pay none and are left out. */
async function rewardsOf(reader: MvmReader, header: Header, percentiles: readonly number[]): Promise<string[]> {
  const [block, receipts] = await Promise.all([reader.block(header.number), reader.receipts(header.number)]);
  const baseFee = header.baseFeePerGas ?? 0n;
  const paid: { readonly tip: bigint; readonly gas: number }[] = [];
  for (const [index, receipt] of (receipts ?? []).entries()) {
    const raw = block?.transactions[index];
    if (raw === undefined || receipt.type === 0x7e) continue;
    const transaction = decodeRaw(raw);
    if (transaction.type === 0x7e) continue;
    paid.push({ tip: effectiveGasPrice(transaction, baseFee) - baseFee, gas: Number(receipt.gasUsed) });
  }
  if (paid.length === 0) return percentiles.map(() => "0x0");
  paid.sort((a, b) => (a.tip < b.tip ? -1 : a.tip > b.tip ? 1 : 0));
  const total = paid.reduce((sum, { gas }) => sum + gas, 0);
  let at = 0;
  let sum = paid[0]?.gas ?? 0;
  return percentiles.map((percentile) => {
    const threshold = (total * percentile) / 100;
    while (sum < threshold && at < paid.length - 1) sum += paid[++at]?.gas ?? 0;
    return quantity(paid[at]?.tip ?? 0n);
  });
}
