import { method, param, type Param, type RpcMethod } from "@metis/runtime";
import type { Blocks } from "./blocks.ts";
import { blobGasPrice, nextBaseFee } from "./blockFees.ts";
import type { EthContext } from "./context.ts";
import { feeHistory } from "./fees.ts";
import { quantity } from "./format.ts";
import { blockNumberParam, blockParam } from "./params.ts";

const percentile: Param<number> = {
  optional: false,
  read: (value, at) => (typeof value === "number" ? value : param.count.read(value, at)),
};
/** One more than is served, so that too many get the words of geth. */
const percentiles = param.optional(param.list(percentile, 101));

/** The chain as a whole, blocks, and fees. */
export function chainMethods(context: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  const { options, syncing } = context;
  const byNumber = [blockNumberParam] as const;
  const byHash = [param.hash] as const;
  const selectHash = (hash: `0x${string}`) => ({ hash, requireCanonical: false });
  const full = param.optional(param.boolean);
  return {
    eth_chainId: method([], () => quantity(context.chainId)),
    eth_accounts: method([], () => []),
    eth_blockNumber: method([], () => quantity(blocks.latest().number)),
    eth_syncing: method([], () => {
      const status = syncing?.();
      if (!status) return false;
      const { startingBlock, currentBlock, highestBlock } = status;
      return {
        startingBlock: quantity(startingBlock),
        currentBlock: quantity(currentBlock),
        highestBlock: quantity(highestBlock),
      };
    }),
    eth_getBlockByNumber: method([blockNumberParam, full], async ([selector, whole]) => {
      const block = await blocks.find(selector);
      return block ? blocks.show(block, whole ?? false) : null;
    }),
    eth_getBlockByHash: method([param.hash, full], async ([hash, whole]) => {
      const block = await blocks.find(selectHash(hash));
      return block ? blocks.show(block, whole ?? false) : null;
    }),
    eth_getHeaderByNumber: method(byNumber, async ([selector]) => blocks.showHeader(await blocks.find(selector))),
    eth_getHeaderByHash: method(byHash, async ([hash]) => blocks.showHeader(await blocks.find(selectHash(hash)))),
    eth_getBlockTransactionCountByNumber: method(byNumber, async ([selector]) => {
      const block = await blocks.find(selector);
      return block ? quantity(block.transactions.length) : null;
    }),
    eth_getBlockTransactionCountByHash: method(byHash, async ([hash]) => {
      const block = await blocks.find(selectHash(hash));
      return block ? quantity(block.transactions.length) : null;
    }),
    eth_getUncleCountByBlockNumber: method(byNumber, async ([selector]) =>
      (await blocks.find(selector)) ? "0x0" : null,
    ),
    eth_getUncleCountByBlockHash: method(byHash, async ([hash]) =>
      (await blocks.find(selectHash(hash))) ? "0x0" : null,
    ),
    eth_getUncleByBlockNumberAndIndex: method([blockNumberParam, param.uint64], () => null),
    eth_getUncleByBlockHashAndIndex: method([param.hash, param.uint64], () => null),
    eth_getBlockReceipts: method([blockParam], async ([selector]) => {
      const block = await blocks.find(selector);
      return block ? blocks.showReceipts(block) : null;
    }),
    eth_gasPrice: method([], async () => {
      const baseFee = nextBaseFee(await blocks.latestHeader()) ?? 0n;
      return quantity(baseFee + options["eth.suggestedTip"]);
    }),
    eth_maxPriorityFeePerGas: method([], () => quantity(options["eth.suggestedTip"])),
    eth_baseFee: method([], async () => quantity(nextBaseFee(await blocks.latestHeader()) ?? 0n)),
    eth_blobBaseFee: method([], async () =>
      quantity(blobGasPrice(await blocks.latestHeader(), context.blobParameters)),
    ),
    eth_feeHistory: method([param.count, blockNumberParam, percentiles], ([count, newest, list]) =>
      feeHistory(context, blocks, { count, newest, percentiles: list ?? [] }),
    ),
  };
}
