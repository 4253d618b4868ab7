import { encodeRlp, inputsHeadFields, type RlpInput } from "@metis/protocol";
import type { BlockContext, CallOptions, CallRequest, PureAttributes, StateOverride } from "../api.ts";
import type { Address, Hex } from "viem";
import { fromHex } from "../bytes.ts";
import { hexList, rawList } from "./raw.ts";

/** Requests to the kernel, field by field as docs/spec/kernel.md orders them. */

/** An absent optional field: an empty list, so that it differs from zero and from empty bytes. */
const none: RlpInput = [];
export const optional = (value: RlpInput | undefined): RlpInput => value ?? none;

/** What follows the parent's header in `open_block`: items one after the other, without the head of a list. */
export function openFields(context: BlockContext): Uint8Array {
  const deposits = context.deposits.map((deposit) => [
    deposit.index,
    deposit.l1BlockNumber,
    deposit.from,
    deposit.to,
    deposit.mint,
    deposit.value,
    deposit.gasLimit,
    deposit.isCreation,
    deposit.data,
  ]);
  return Buffer.concat([inputsHeadFields(context.inputs), context.anchorHeader, deposits].map(encodeRlp));
}

/** A request on the block with this header; `fields`: of `openFields`, for `execute_block` with the list of transactions behind them. */
export const onParent = (parentHeader: Uint8Array, ...fields: readonly Uint8Array[]): Uint8Array =>
  rawList([encodeRlp(parentHeader), ...fields]);

export const openBlockRequest = (parentHeader: Uint8Array, context: BlockContext): Uint8Array =>
  onParent(parentHeader, openFields(context));

export const executeBlockRequest = (parentHeader: Uint8Array, context: BlockContext): Uint8Array =>
  onParent(parentHeader, openFields(context), hexList(context.inputs.transactions));

/** Signed transactions, each with the sender that the caller has recovered itself, if it has. */
export const addRequest = (
  offers: readonly { readonly transaction: Hex; readonly sender: Address | undefined }[],
): Uint8Array => hexList(offers.flatMap(({ transaction, sender }) => [transaction, sender ?? "0x"]));

export const withdrawalFields = (withdrawals: PureAttributes["withdrawals"]): RlpInput =>
  withdrawals.map((entry) => [entry.index, entry.validatorIndex, entry.address, entry.amount]);

/** `execute_block` in pure mode. */
export function pureBlockRequest(
  parentHeader: Uint8Array,
  attributes: PureAttributes,
  transactions: readonly Uint8Array[],
): Uint8Array {
  const fields = [
    attributes.timestamp,
    attributes.coinbase,
    attributes.prevRandao,
    attributes.gasLimit,
    attributes.extraData,
    attributes.parentBeaconBlockRoot,
    withdrawalFields(attributes.withdrawals),
  ];
  return encodeRlp([parentHeader, fields, transactions]);
}

export const importBlockRequest = (parentHeader: Uint8Array, block: Uint8Array): Uint8Array =>
  encodeRlp([parentHeader, block]);

/** 0xff: the flags given when the block was opened. */
export const sealRequest = (flags: number | undefined): Uint8Array => Uint8Array.of(flags ?? 0xff);

export const callFields = (request: CallRequest): RlpInput => [
  optional(request.from),
  request.to ?? "0x",
  optional(request.gas),
  optional(request.gasPrice),
  optional(request.maxFeePerGas),
  optional(request.maxPriorityFeePerGas),
  optional(request.value),
  request.data ?? "0x",
  optional(request.nonce),
  (request.accessList ?? []).map((entry) => [entry.address, entry.storageKeys]),
  (request.authorizationList ?? []).map((entry) => [
    entry.chainId,
    entry.address,
    entry.nonce,
    entry.yParity,
    BigInt(entry.r),
    BigInt(entry.s),
  ]),
];

export function stateOverride([address, override]: [string, StateOverride]): RlpInput {
  const slots = override.state ?? override.stateDiff ?? {};
  return [
    fromHex(address),
    optional(override.balance),
    optional(override.nonce),
    optional(override.code),
    override.state !== undefined,
    Object.entries(slots).map(([slot, value]) => [fromHex(slot), BigInt(value)]),
  ];
}

function blockOverrides(overrides: NonNullable<CallOptions["blockOverrides"]>): RlpInput {
  const { number, time, gasLimit, coinbase, baseFeePerGas, prevRandao } = overrides;
  return [number, time, gasLimit, coinbase, baseFeePerGas, prevRandao].map(optional);
}

/** For `call`, `estimate_gas` and `create_access_list`. */
export const callRequest = (header: Uint8Array, request: CallRequest, options: CallOptions = {}): Uint8Array =>
  encodeRlp([
    header,
    callFields(request),
    Object.entries(options.stateOverrides ?? {}).map(stateOverride),
    blockOverrides(options.blockOverrides ?? {}),
  ]);

export const l1FeeRequest = (header: Uint8Array, transaction: Uint8Array): Uint8Array =>
  encodeRlp([header, transaction]);

export const proofRequest = (header: Uint8Array, address: Uint8Array, slots: readonly Uint8Array[]): Uint8Array =>
  encodeRlp([header, address, slots]);

export const sendersRequest = (transactions: readonly Uint8Array[]): Uint8Array => encodeRlp(transactions);
