import { method, param, RpcError, rpcCodes, type Param, type RpcMethod } from "@metis/runtime";
import type { Blocks } from "./blocks.ts";
import { blobGasPrice, nextBaseFee } from "./blockFees.ts";
import type { EthContext } from "./context.ts";
import { feeHistory } from "./fees.ts";
import { forkConfig } from "./forks.ts";
import { quantity, type JsonObject } from "./format.ts";
import { decodeHeader } from "./header.ts";
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
    eth_getUncleCountByBlockNumber: method(byNumber, async ([selector]) => {
      const block = await blocks.find(selector);
      return block ? quantity(block.ommers.length) : null;
    }),
    eth_getUncleCountByBlockHash: method(byHash, async ([hash]) => {
      const block = await blocks.find(selectHash(hash));
      return block ? quantity(block.ommers.length) : null;
    }),
    eth_getUncleByBlockNumberAndIndex: method([blockNumberParam, param.uint64], async ([selector, index]) =>
      blocks.showOmmer(await blocks.find(selector), index),
    ),
    eth_getUncleByBlockHashAndIndex: method([param.hash, param.uint64], async ([hash, index]) =>
      blocks.showOmmer(await blocks.find(selectHash(hash)), index),
    ),
    eth_getBlockReceipts: method([blockParam], async ([selector]) => {
      const block = await blocks.find(selector);
      return block ? blocks.showReceipts(block) : null;
    }),
    eth_config: method([], async () => {
      const [genesis, head] = await Promise.all([context.reader.block(0n), blocks.latestHeader()]);
      if (!genesis) throw new RpcError(rpcCodes.serverError, "genesis is not available");
      const genesisTime = decodeHeader(genesis.headerRlp).timestamp;
      const { chainId, schedule } = context;
      return forkConfig({ chainId, schedule, genesisHash: genesis.hash, genesisTime }, head.timestamp);
    }),
    eth_capabilities: method([], () => capabilities(context, blocks)),
    eth_gasPrice: method([], async () => {
      const baseFee = nextBaseFee(await blocks.latestHeader()) ?? 0n;
      return quantity(baseFee + options["eth.suggestedTip"]);
    }),
    eth_maxPriorityFeePerGas: method([], () => quantity(options["eth.suggestedTip"])),
    eth_baseFee: method([], async () => quantity(nextBaseFee(await blocks.latestHeader()) ?? 0n)),
    eth_blobBaseFee: method([], async () => quantity(blobGasPrice(await blocks.latestHeader(), context.schedule))),
    eth_feeHistory: method([param.count, blockNumberParam, percentiles], ([count, newest, list]) =>
      feeHistory(context, blocks, { count, newest, percentiles: list ?? [] }),
    ),
  };
}

/** What this node keeps: every block since its start with its receipts and logs, and the state of a window of blocks. */
function capabilities(context: EthContext, blocks: Blocks): JsonObject {
  const { number, hash } = blocks.latest();
  const kept = (oldest: bigint): JsonObject => ({ disabled: false, oldestBlock: quantity(oldest) });
  const oldest = context.reader.oldest();
  const all = kept(oldest.block);
  const state = kept(oldest.state);
  return {
    head: { number: quantity(number), hash },
    state,
    tx: all,
    logs: all,
    receipts: all,
    blocks: all,
    stateproofs: state,
  };
}
