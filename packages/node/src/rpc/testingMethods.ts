import type { BuiltBlock, MvmReader, PureAttributes } from "@metis/mvm";
import { decodeRlp, effectiveGasPrice, encodeRlp, type Hash, type RlpItem } from "@metis/protocol";
import { executing, invalidParam, method, param, RpcError, rpcCodes, type Param, type RpcMethod } from "@metis/runtime";
import { bytesToHex, getAddress, type Hex } from "viem";
import type { Mempool } from "../mempool/api.ts";
import { nextBaseFee } from "./blockFees.ts";
import { decodeRaw } from "./blocks.ts";
import { formatWithdrawal, quantity, type JsonObject } from "./format.ts";
import { decodeHeader } from "./header.ts";
import { withdrawalParam } from "./simulationParams.ts";

/** What `testing_*` works on: an Ethereum chain in pure mode. */
export interface TestingContext {
  readonly reader: MvmReader;
  readonly mempool: Pick<Mempool, "pending">;
}

const maxTransactions = 100_000;
/** Code of the Engine API. */
const unsupportedFork = -38005;
/** Yellow Paper 4.3.4 (49). */
const maxExtraBytes = 32;
/** Gas limit that proposers steer to, as geth's default has it. */
const wantedGasLimit = 60_000_000n;
/** A block's gas limit differs from its parent's by less than this part of it (Yellow Paper 4.3.4 (47)). */
const gasLimitDivisor = 1024n;
/** EIP-7934, less what stands beside the transactions. */
const maxPoolBytes = 7 * 2 ** 20;
/** sha256 of nothing: a block without execution requests (EIP-7685). */
const noRequests = "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** PayloadAttributesV3 of the Engine API. */
const attributesParam = param.object({
  timestamp: param.uint64,
  prevRandao: param.hash,
  suggestedFeeRecipient: param.address,
  withdrawals: param.list(withdrawalParam, 16),
  parentBeaconBlockRoot: param.hash,
});

const extraDataParam: Param<Hex> = {
  optional: true,
  read(value, at) {
    const bytes = value === undefined || value === null ? "0x" : param.data.read(value, at);
    if (bytes.length > 2 + 2 * maxExtraBytes) throw invalidParam(at, `at most ${maxExtraBytes} bytes`, value);
    return bytes;
  },
};

/** `testing_buildBlockV1` of execution-apis: builds a block on any kept one and keeps nothing. */
export function testingMethods({ reader, mempool }: TestingContext): Readonly<Record<string, RpcMethod>> {
  const transactionsParam = param.optional(param.list(param.data, maxTransactions));
  return executing({
    testing_buildBlockV1: method(
      [param.hash, attributesParam, transactionsParam, extraDataParam],
      async ([parentHash, wanted, given, extraData]) => {
        const parentBlock = await reader.block({ hash: parentHash });
        if (!parentBlock) throw new RpcError(rpcCodes.serverError, "unknown parent block");
        const parent = decodeHeader(parentBlock.headerRlp);
        const { suggestedFeeRecipient: coinbase, ...chosen } = wanted;
        const attributes = { ...chosen, coinbase, extraData, gasLimit: nextGasLimit(parent.gasLimit) };
        const transactions = given ?? pooled(mempool, nextBaseFee(parent));
        const block = await reader.buildBlock(attributes, transactions, { hash: parentHash });
        // Of the pool only what fits is taken; what a caller gives must all be in the block.
        const refused = given && block.skipped[0];
        if (refused) throw await refusal(reader, parentHash, given, refused);
        return envelope(block, attributes);
      },
    ),
  });
}

/** Why one of `given` cannot be made, in geth's words where its nonce is wrong. */
async function refusal(
  reader: MvmReader,
  parent: Hash,
  given: readonly Hex[],
  { index, reason }: BuiltBlock["skipped"][number],
): Promise<RpcError> {
  const words = { "nonce-too-low": "nonce too low", "nonce-too-high": "nonce too high" } as const;
  if (!(reason.code in words)) return new RpcError(rpcCodes.serverError, reason.message, { reason: reason.code });
  const senders = await reader.recoverSenders(given.slice(0, index + 1));
  const sender = senders[index]!;
  const transaction = decodeRaw(given[index]!);
  // All before it are in the block.
  const before = BigInt(senders.slice(0, index).filter((other) => other === sender).length);
  const state = ((await reader.account(sender, { hash: parent }))?.nonce ?? 0n) + before;
  const nonce = transaction.type === 0x7e ? 0n : transaction.nonce;
  const said = words[reason.code as keyof typeof words];
  return new RpcError(rpcCodes.serverError, `${said}: address ${getAddress(sender)}, tx: ${nonce} state: ${state}`);
}

/** The pool's transactions in its order, as far as a block holds their bytes; not those with blobs, which the pool does not keep. */
function pooled(mempool: Pick<Mempool, "pending">, baseFee = 0n): Hex[] {
  const taken: Hex[] = [];
  let bytes = 0;
  for (const { raw, size, transaction } of mempool.pending(baseFee)) {
    if (transaction.type === 3) continue;
    bytes += size;
    if (bytes > maxPoolBytes) break;
    taken.push(raw);
  }
  return taken;
}

/** One step from the parent's gas limit to the wanted one. */
function nextGasLimit(parent: bigint): bigint {
  const step = parent / gasLimitDivisor - 1n;
  if (parent < wantedGasLimit) return parent + step < wantedGasLimit ? parent + step : wantedGasLimit;
  return parent - step > wantedGasLimit ? parent - step : wantedGasLimit;
}

/** The answer of `engine_getPayloadV5`. */
function envelope(block: BuiltBlock, { withdrawals }: PureAttributes): JsonObject {
  const header = decodeHeader(block.headerRlp);
  if (header.parentBeaconBlockRoot === undefined)
    throw new RpcError(unsupportedFork, "Unsupported fork: blocks are built from Cancun on");
  if (header.requestsHash !== undefined && header.requestsHash !== noRequests)
    throw new RpcError(rpcCodes.serverError, "the block makes execution requests, which this method does not show");
  const transactions = transactionsOf(block);
  return {
    executionPayload: {
      parentHash: header.parentHash,
      feeRecipient: header.coinbase,
      stateRoot: header.stateRoot,
      receiptsRoot: header.receiptsRoot,
      logsBloom: header.logsBloom,
      prevRandao: header.mixHash,
      blockNumber: quantity(header.number),
      gasLimit: quantity(header.gasLimit),
      gasUsed: quantity(header.gasUsed),
      timestamp: quantity(header.timestamp),
      extraData: header.extraData,
      baseFeePerGas: quantity(header.baseFeePerGas ?? 0n),
      blockHash: block.hash,
      transactions,
      withdrawals: withdrawals.map(formatWithdrawal),
      blobGasUsed: quantity(header.blobGasUsed ?? 0n),
      excessBlobGas: quantity(header.excessBlobGas ?? 0n),
    },
    blockValue: quantity(tipsOf(block, transactions, header.baseFeePerGas ?? 0n)),
    blobsBundle: { commitments: [], proofs: [], blobs: [] },
    ...(header.requestsHash === undefined ? {} : { executionRequests: [] }),
    shouldOverrideBuilder: false,
  };
}

/** EIP-2718 bytes, in order. */
function transactionsOf({ blockRlp }: BuiltBlock): Hex[] {
  const [, items] = decodeRlp(Buffer.from(blockRlp.slice(2), "hex")) as readonly RlpItem[];
  return (items as readonly RlpItem[]).map((item) => bytesToHex(item instanceof Uint8Array ? item : encodeRlp(item)));
}

/** What the block's transactions pay its fee recipient, in wei. */
function tipsOf({ receipts }: BuiltBlock, transactions: readonly Hex[], baseFee: bigint): bigint {
  return transactions.reduce((sum, raw, index) => {
    const transaction = decodeRaw(raw);
    const tip = transaction.type === 0x7e ? 0n : effectiveGasPrice(transaction, baseFee) - baseFee;
    return sum + tip * (receipts[index]?.gasUsed ?? 0n);
  }, 0n);
}
