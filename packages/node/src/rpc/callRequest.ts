import type { CallOptions, CallRequest, StateOverride } from "@metis/mvm";
import type { Hash } from "@metis/protocol";
import { invalidParam, param, readObject, type Param } from "@metis/runtime";
import type { Address } from "viem";

const accessListParam = param.list(
  param.object({ address: param.address, storageKeys: param.list(param.hash, 10_000) }),
  10_000,
);

const authorizationParam = param.object({
  chainId: param.quantity,
  address: param.address,
  nonce: param.uint64,
  yParity: param.quantity,
  r: param.quantity,
  s: param.quantity,
});

const fields = {
  from: param.optional(param.address),
  to: param.optional(param.address),
  gas: param.optional(param.uint64),
  gasPrice: param.optional(param.quantity),
  maxFeePerGas: param.optional(param.quantity),
  maxPriorityFeePerGas: param.optional(param.quantity),
  value: param.optional(param.quantity),
  nonce: param.optional(param.uint64),
  data: param.optional(param.data),
  input: param.optional(param.data),
  accessList: param.optional(accessListParam),
  authorizationList: param.optional(param.list(authorizationParam, 1000)),
  blobVersionedHashes: param.optional(param.list(param.hash, 128)),
} as const;
const object = param.object(fields);

const hex32 = (value: bigint): Hash => `0x${value.toString(16).padStart(64, "0")}`;

/** The transaction object of `eth_call` and its like. */
export const callParam: Param<CallRequest> = {
  optional: false,
  read(value, at) {
    const { data, input, authorizationList, blobVersionedHashes: _, ...rest } = object.read(value, at);
    if (data !== undefined && input !== undefined && data !== input)
      throw invalidParam(at, `"data" and "input" to be the same when both are given`, value);
    if (rest.gasPrice !== undefined && (rest.maxFeePerGas ?? rest.maxPriorityFeePerGas) !== undefined)
      throw invalidParam(at, "either gasPrice or maxFeePerGas and maxPriorityFeePerGas, not both", value);
    const payload = input ?? data;
    return {
      ...rest,
      ...(payload === undefined ? {} : { data: payload }),
      ...(authorizationList === undefined
        ? {}
        : {
            authorizationList: authorizationList.map(({ chainId, address, nonce, yParity, r, s }) => ({
              chainId,
              address,
              nonce,
              yParity: Number(yParity),
              r: hex32(r),
              s: hex32(s),
            })),
          }),
    };
  },
};

const slots = param.record(param.hash, param.hash, 10_000);
const accountFields = param.object({
  balance: param.optional(param.quantity),
  nonce: param.optional(param.uint64),
  code: param.optional(param.data),
  state: param.optional(slots),
  stateDiff: param.optional(slots),
});

/** What is overridden of one account. */
export const accountOverrideParam: Param<StateOverride> = {
  optional: false,
  read(value, at) {
    const { state, stateDiff, ...rest } = accountFields.read(value, at);
    if (state && stateDiff) throw invalidParam(at, "either state or stateDiff, not both", value);
    return {
      ...rest,
      ...(state ? { state: Object.fromEntries(state) } : {}),
      ...(stateDiff ? { stateDiff: Object.fromEntries(stateDiff) } : {}),
    };
  },
};

/** State overrides by address, as geth takes them. `movePrecompileToAddress` is served by `eth_simulateV1` alone. */
export const stateOverridesParam: Param<CallOptions["stateOverrides"]> = {
  optional: true,
  read(value, at) {
    if (value === undefined || value === null) return undefined;
    const overrides: Record<Address, StateOverride> = {};
    const accounts = param.record(param.address, param.any, 10_000).read(value, at);
    for (const [address, raw] of accounts) {
      const where = `${at}.${address}`;
      if (Object.hasOwn(readObject(raw, where), "movePrecompileToAddress"))
        throw invalidParam(where, "no movePrecompileToAddress, which only eth_simulateV1 takes", raw);
      overrides[address] = accountOverrideParam.read(raw, where);
    }
    return overrides;
  },
};

const blockFields = param.object({
  number: param.optional(param.uint64),
  time: param.optional(param.uint64),
  gasLimit: param.optional(param.uint64),
  feeRecipient: param.optional(param.address),
  coinbase: param.optional(param.address),
  baseFeePerGas: param.optional(param.quantity),
  prevRandao: param.optional(param.hash),
  random: param.optional(param.hash),
});

/** Block overrides, in geth's names and in the older ones. */
export const blockOverridesParam: Param<CallOptions["blockOverrides"]> = {
  optional: true,
  read(value, at) {
    if (value === undefined || value === null) return undefined;
    const { feeRecipient, coinbase, prevRandao, random, ...rest } = blockFields.read(value, at);
    const recipient = feeRecipient ?? coinbase;
    const randao = prevRandao ?? random;
    return {
      ...rest,
      ...(recipient === undefined ? {} : { coinbase: recipient }),
      ...(randao === undefined ? {} : { prevRandao: randao }),
    };
  },
};

/** What `call` and `estimateGas` take beside the request. */
export const callOptions = (
  stateOverrides: CallOptions["stateOverrides"],
  blockOverrides: CallOptions["blockOverrides"],
): CallOptions => ({ ...(stateOverrides ? { stateOverrides } : {}), ...(blockOverrides ? { blockOverrides } : {}) });
