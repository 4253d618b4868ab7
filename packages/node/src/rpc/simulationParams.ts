import type { SimulationCall, StateOverride } from "@metis/mvm";
import { invalidParam, param, readObject, type Param } from "@metis/runtime";
import type { Address } from "viem";
import { accountOverrideParam, callParam } from "./callRequest.ts";

/** Entries that are read; more than the blocks that are served, whose limit has a code of its own. */
const maxBlocks = 10_000;
const maxCalls = 1000;
const maxOverrides = 10_000;

const blobFields = param.object({
  maxFeePerBlobGas: param.optional(param.quantity),
  blobVersionedHashes: param.optional(param.list(param.hash, 128)),
});

/** A call with the blob fields that other calls do without. */
const simulationCall: Param<SimulationCall> = {
  optional: false,
  read: (value, at) => ({ ...callParam.read(value, at), ...blobFields.read(value, at) }),
};

/** EIP-4895. */
export const withdrawalParam = param.object({
  index: param.uint64,
  validatorIndex: param.uint64,
  address: param.address,
  amount: param.uint64,
});

const blockOverrides = param.object({
  number: param.optional(param.uint64),
  time: param.optional(param.uint64),
  gasLimit: param.optional(param.uint64),
  feeRecipient: param.optional(param.address),
  prevRandao: param.optional(param.hash),
  baseFeePerGas: param.optional(param.uint64),
  blobBaseFee: param.optional(param.uint64),
  beaconRoot: param.optional(param.hash),
  withdrawals: param.optional(param.list(withdrawalParam, 16)),
});

/** A state override that may also move a precompile. */
export interface SimulationOverride extends StateOverride {
  readonly movePrecompileToAddress?: Address;
}

const stateOverrides: Param<ReadonlyMap<Address, SimulationOverride>> = param.record(
  param.address,
  {
    optional: false,
    read(value, at) {
      const { movePrecompileToAddress } = readObject(value, at);
      const override = accountOverrideParam.read(value, at);
      if (movePrecompileToAddress === undefined || movePrecompileToAddress === null) return override;
      return {
        ...override,
        movePrecompileToAddress: param.address.read(movePrecompileToAddress, `${at}.movePrecompileToAddress`),
      };
    },
  },
  maxOverrides,
);

const blockStateCalls = param.object({
  blockOverrides: param.optional(blockOverrides),
  stateOverrides: param.optional(stateOverrides),
  calls: param.optional(param.list(simulationCall, maxCalls)),
});

const fields = param.object({
  blockStateCalls: param.list(blockStateCalls, maxBlocks),
  traceTransfers: param.optional(param.boolean),
  validation: param.optional(param.boolean),
  returnFullTransactions: param.optional(param.boolean),
});

/** What `eth_simulateV1` is asked. */
export const simulationParam = {
  optional: false,
  read(value: unknown, at: string) {
    const request = fields.read(value, at);
    if (request.blockStateCalls.length === 0) throw invalidParam(`${at}.blockStateCalls`, "at least one block", value);
    return request;
  },
} as const;

export type SimulationInput = ReturnType<typeof simulationParam.read>;
