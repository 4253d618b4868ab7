import { encodeRlp, type Hash } from "@metis/protocol";
import { blockRlp, type BlockView, type ReceiptView } from "@metis/mvm";
import { executing, JsonText, method, param, RpcError, rpcCodes, type RpcMethod } from "@metis/runtime";
import { bytesToHex, getAddress, keccak256, type Hex } from "viem";
import type { PooledTransaction } from "../mempool/api.ts";
import type { Blocks } from "./blocks.ts";
import type { EthContext } from "./context.ts";
import { formatTransaction, quantity, type Json } from "./format.ts";
import { blockParam, type BlockSelector } from "./params.ts";
import { limited } from "./traceMethods.ts";

/** `net_*`, `web3_*`, `txpool_*`, and what of `debug_*` shows stored bytes and preimages. */
export function nodeMethods(context: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  return {
    net_version: method([], () => context.chainId.toString()),
    net_listening: method([], () => true),
    net_peerCount: method([], () => quantity(context.peerCount?.() ?? 0)),
    web3_clientVersion: method([], () => context.clientVersion),
    web3_sha3: method([param.data], ([data]) => keccak256(data)),
    ...txpoolMethods(context),
    ...rawMethods(context, blocks),
  };
}

function txpoolMethods({ mempool }: EthContext): Readonly<Record<string, RpcMethod>> {
  const content = () => mempool?.content() ?? { pending: [], queued: [] };
  const only = (list: readonly PooledTransaction[], address: Hex) => list.filter(({ sender }) => sender === address);
  return {
    txpool_status: method([], () => {
      const { pending, queued } = mempool?.counts() ?? { pending: 0, queued: 0 };
      return { pending: quantity(pending), queued: quantity(queued) };
    }),
    txpool_content: method([], () => {
      const { pending, queued } = content();
      return { pending: bySender(pending, whole), queued: bySender(queued, whole) };
    }),
    txpool_contentFrom: method([param.address], ([address]) => {
      const { pending, queued } = content();
      return { pending: byNonce(only(pending, address), whole), queued: byNonce(only(queued, address), whole) };
    }),
    txpool_inspect: method([], () => {
      const { pending, queued } = content();
      return { pending: bySender(pending, summary), queued: bySender(queued, summary) };
    }),
  };
}

const whole = ({ transaction, sender }: PooledTransaction): Json => formatTransaction(transaction, sender, undefined);

function summary({ transaction }: PooledTransaction): Json {
  const price = "gasPrice" in transaction ? transaction.gasPrice : transaction.maxFeePerGas;
  const to = transaction.to === null ? "contract creation" : getAddress(transaction.to);
  return `${to}: ${transaction.value} wei + ${transaction.gasLimit} gas × ${price} wei`;
}

const byNonce = (list: readonly PooledTransaction[], show: (entry: PooledTransaction) => Json): Json =>
  Object.fromEntries(list.map((entry) => [entry.transaction.nonce.toString(), show(entry)]));

function bySender(list: readonly PooledTransaction[], show: (entry: PooledTransaction) => Json): Json {
  const groups = Map.groupBy(list, ({ sender }) => sender);
  return Object.fromEntries([...groups].map(([sender, entries]) => [getAddress(sender), byNonce(entries, show)]));
}

function rawMethods({ reader }: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  const find = async (selector: BlockSelector): Promise<BlockView> => {
    const block = await blocks.find(selector);
    if (!block) throw new RpcError(rpcCodes.serverError, `block not found`);
    return block;
  };
  return {
    debug_getRawHeader: method([blockParam], async ([selector]) => (await find(selector)).headerRlp),
    debug_getRawBlock: method([blockParam], async ([selector]) => blockRlp(await find(selector))),
    ...executing({
      debug_executionWitness: method([blockParam], async ([selector]) => {
        const { hash } = await find(selector);
        const text = await limited(() => reader.executionWitnessText({ hash }));
        return text === undefined ? null : new JsonText(text);
      }),
    }),
    debug_getRawReceipts: method([blockParam], async ([selector]) => {
      const { hash } = await find(selector);
      return ((await reader.receipts({ hash })) ?? []).map(rawReceipt);
    }),
  };
}

/** Consensus bytes of a receipt (EIP-2718). */
function rawReceipt(receipt: ReceiptView): Hex {
  const outcome: Hash | number = receipt.root ?? receipt.status;
  const logs = receipt.logs.map(({ address, topics, data }) => [address, topics, data] as const);
  const body = encodeRlp([outcome, receipt.cumulativeGasUsed, receipt.logsBloom, logs]);
  return bytesToHex(receipt.type === 0 ? body : Buffer.concat([Uint8Array.of(receipt.type), body]));
}
