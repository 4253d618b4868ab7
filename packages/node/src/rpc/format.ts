import { keccak256, type Address, type Hex } from "viem";
import {
  effectiveGasPrice,
  type AccessList,
  type Hash,
  type SignedAuthorization,
  type Transaction,
} from "@metis/protocol";
import type { BlockView, LogView, ReceiptView } from "@metis/mvm";
import type { Header } from "./header.ts";

/** Plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A number as Ethereum's JSON writes it. */
export const quantity = (value: bigint | number): Hex => `0x${value.toString(16)}`;

/** A number as 32 bytes. */
export const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

/** Where a transaction stands; `undefined` while it waits. */
export interface Place {
  readonly blockHash: Hash;
  readonly blockNumber: bigint;
  readonly timestamp: bigint;
  readonly index: number;
  readonly baseFee: bigint | undefined;
}

/** A header as `eth_getBlockByNumber` and `newHeads` show it. Fields of later forks are there when the header has them. */
export function formatHeader(header: Header, hash: Hash): JsonObject {
  return {
    number: quantity(header.number),
    hash,
    parentHash: header.parentHash,
    nonce: header.nonce,
    mixHash: header.mixHash,
    sha3Uncles: header.ommersHash,
    logsBloom: header.logsBloom,
    transactionsRoot: header.transactionsRoot,
    stateRoot: header.stateRoot,
    receiptsRoot: header.receiptsRoot,
    miner: header.coinbase,
    difficulty: quantity(header.difficulty),
    extraData: header.extraData,
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    timestamp: quantity(header.timestamp),
    ...(header.baseFeePerGas === undefined ? {} : { baseFeePerGas: quantity(header.baseFeePerGas) }),
    ...(header.withdrawalsRoot === undefined ? {} : { withdrawalsRoot: header.withdrawalsRoot }),
    ...(header.blobGasUsed === undefined ? {} : { blobGasUsed: quantity(header.blobGasUsed) }),
    ...(header.excessBlobGas === undefined ? {} : { excessBlobGas: quantity(header.excessBlobGas) }),
    ...(header.parentBeaconBlockRoot === undefined ? {} : { parentBeaconBlockRoot: header.parentBeaconBlockRoot }),
    ...(header.requestsHash === undefined ? {} : { requestsHash: header.requestsHash }),
  };
}

/** A block; `transactions` are hashes or whole transactions. */
export function formatBlock(block: BlockView, header: Header, transactions: readonly Json[]): JsonObject {
  // L2 blocks have none, but a header that commits to the list has one (EIP-4895).
  const withdrawals = block.withdrawals ?? (header.withdrawalsRoot === undefined ? undefined : []);
  return {
    ...formatHeader(header, block.hash),
    size: quantity(block.size),
    transactions,
    uncles: block.ommers.map((ommer) => keccak256(ommer)),
    ...(withdrawals === undefined ? {} : { withdrawals: withdrawals.map(formatWithdrawal) }),
  };
}

type Withdrawal = NonNullable<BlockView["withdrawals"]>[number];

/** EIP-4895; the amount in Gwei. */
export const formatWithdrawal = ({ index, validatorIndex, address, amount }: Withdrawal): JsonObject => ({
  index: quantity(index),
  validatorIndex: quantity(validatorIndex),
  address,
  amount: quantity(amount),
});

const formatAccessList = (list: AccessList): Json => list.map(({ address, storageKeys }) => ({ address, storageKeys }));

const formatAuthorizations = (list: readonly SignedAuthorization[]): Json =>
  list.map(({ chainId, address, nonce, yParity, r, s }) => ({
    chainId: quantity(chainId),
    address,
    nonce: quantity(nonce),
    yParity: quantity(yParity),
    r: quantity(r),
    s: quantity(s),
  }));

/** A transaction as geth shows it; type 0x7E as OP nodes do. */
export function formatTransaction(tx: Transaction, from: Address, place: Place | undefined): JsonObject {
  const common = {
    blockHash: place?.blockHash ?? null,
    blockNumber: place ? quantity(place.blockNumber) : null,
    blockTimestamp: place ? quantity(place.timestamp) : null,
    transactionIndex: place ? quantity(place.index) : null,
    from,
    gas: quantity(tx.gasLimit),
    hash: tx.hash,
    input: tx.data,
    to: tx.to,
    type: quantity(tx.type),
    value: quantity(tx.value),
  };
  if (tx.type === 0x7e) {
    const { sourceHash, mint } = tx;
    const signature = { v: "0x0", r: "0x0", s: "0x0" };
    return {
      ...common,
      nonce: "0x0",
      gasPrice: "0x0",
      sourceHash,
      mint: quantity(mint),
      isSystemTx: false,
      ...signature,
    };
  }
  const isLegacy = tx.type === 0;
  return {
    ...common,
    nonce: quantity(tx.nonce),
    ...prices(tx, place),
    ...(tx.chainId === undefined ? {} : { chainId: quantity(tx.chainId) }),
    ...("accessList" in tx ? { accessList: formatAccessList(tx.accessList) } : {}),
    ...("blobVersionedHashes" in tx
      ? { maxFeePerBlobGas: quantity(tx.maxFeePerBlobGas), blobVersionedHashes: tx.blobVersionedHashes }
      : {}),
    ...("authorizationList" in tx ? { authorizationList: formatAuthorizations(tx.authorizationList) } : {}),
    v: quantity(isLegacy ? tx.v : tx.yParity),
    r: quantity(tx.r),
    s: quantity(tx.s),
    ...(isLegacy ? {} : { yParity: quantity(tx.yParity) }),
  };
}

function prices(tx: Exclude<Transaction, { type: 0x7e }>, place: Place | undefined): JsonObject {
  if ("gasPrice" in tx) return { gasPrice: quantity(tx.gasPrice) };
  const paid = place?.baseFee === undefined ? tx.maxFeePerGas : effectiveGasPrice(tx, place.baseFee);
  return {
    gasPrice: quantity(paid),
    maxFeePerGas: quantity(tx.maxFeePerGas),
    maxPriorityFeePerGas: quantity(tx.maxPriorityFeePerGas),
  };
}

/** One log of a block; `logIndex` counts through the whole block. */
export function formatLog(
  log: LogView,
  at: { readonly place: Place; readonly transactionHash: Hash; readonly logIndex: number; readonly removed?: boolean },
): JsonObject {
  return {
    address: log.address,
    topics: log.topics,
    data: log.data,
    blockNumber: quantity(at.place.blockNumber),
    blockHash: at.place.blockHash,
    blockTimestamp: quantity(at.place.timestamp),
    transactionHash: at.transactionHash,
    transactionIndex: quantity(at.place.index),
    logIndex: quantity(at.logIndex),
    removed: at.removed ?? false,
  };
}

export interface ReceiptContext {
  readonly place: Place;
  readonly transaction: Transaction;
  /** Logs of the block before this receipt's. */
  readonly firstLogIndex: number;
  /** The chain charges an L1 fee: not in pure mode. */
  readonly hasL1Fee: boolean;
  /** Wei a blob gas of the block; of use for blob transactions only. */
  readonly blobGasPrice: bigint;
}

const blobGas = 131_072;

/** A receipt as geth shows it, with OP's L1 fee fields. */
export function formatReceipt(receipt: ReceiptView, context: ReceiptContext): JsonObject {
  const { place, transaction, firstLogIndex, hasL1Fee, blobGasPrice } = context;
  const transactionHash = transaction.hash;
  return {
    blockHash: place.blockHash,
    blockNumber: quantity(place.blockNumber),
    contractAddress: receipt.contractAddress,
    cumulativeGasUsed: quantity(receipt.cumulativeGasUsed),
    effectiveGasPrice: quantity(receipt.effectiveGasPrice),
    from: receipt.from,
    gasUsed: quantity(receipt.gasUsed),
    logs: receipt.logs.map((log, index) => formatLog(log, { place, transactionHash, logIndex: firstLogIndex + index })),
    logsBloom: receipt.logsBloom,
    ...(receipt.root === undefined ? { status: quantity(receipt.status) } : { root: receipt.root }),
    to: transaction.to,
    transactionHash,
    transactionIndex: quantity(place.index),
    type: quantity(receipt.type),
    ...(hasL1Fee
      ? {
          l1Fee: quantity(receipt.l1Fee),
          l1GasUsed: quantity(receipt.l1GasUsed),
          l1GasPrice: quantity(receipt.l1GasPrice),
        }
      : {}),
    ...(transaction.type === 3
      ? {
          blobGasUsed: quantity(blobGas * transaction.blobVersionedHashes.length),
          blobGasPrice: quantity(blobGasPrice),
        }
      : {}),
  };
}
