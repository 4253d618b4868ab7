import { MvmError, type SimulatedBlock, type SimulationBlock } from "@metis/mvm";
import type { Hash } from "@metis/protocol";
import { method, RpcError, rpcCodes, type RpcMethod } from "@metis/runtime";
import { getAddress, keccak256, type Address } from "viem";
import { decodeRaw, type Blocks } from "./blocks.ts";
import type { EthContext } from "./context.ts";
import { precompilesAt } from "./forks.ts";
import {
  formatHeader,
  formatLog,
  formatTransaction,
  formatWithdrawal,
  quantity,
  type JsonObject,
  type Place,
} from "./format.ts";
import { decodeHeader, type Header } from "./header.ts";
import { blockOrLatest } from "./params.ts";
import { revertError } from "./revert.ts";
import { simulationParam, type SimulationInput } from "./simulationParams.ts";

const zeroHash: Hash = `0x${"00".repeat(32)}`;
/** Seconds between blocks that name no time. */
const timeStep = 12n;
const maxBlocks = 256n;

/** Codes of execution-apis for calls that cannot be made, by the kernel's. */
const refusalCodes: Readonly<Record<string, number>> = {
  "nonce-too-low": -38010,
  "nonce-too-high": -38011,
  "nonce-overflow": rpcCodes.internal,
  "priority-above-fee-cap": rpcCodes.invalidParams,
  "fee-cap-too-low": -38012,
  "intrinsic-gas-too-low": -38013,
  "floor-gas-too-low": -38013,
  "insufficient-funds": -38014,
  "block-gas-limit-reached": -38015,
  "sender-has-code": -38024,
  "initcode-too-long": -38025,
};
const codes = { numberOrder: -38020, timeOrder: -38021, tooMany: -38026, halted: -32015 } as const;

/** `eth_simulateV1`: blocks of calls on a block, as if they were made. */
export function simulationMethods(context: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  return {
    eth_simulateV1: method([simulationParam, blockOrLatest], async ([input, selector]) => {
      const id = await blocks.stateId(selector);
      const base = await context.reader.block(id);
      if (!base) throw new RpcError(rpcCodes.serverError, "header not found");
      const header = decodeHeader(base.headerRlp);
      const wanted = layOut(input, header, precompilesAt(context.schedule, header.timestamp));
      const options = {
        validation: input.validation ?? false,
        traceTransfers: input.traceTransfers ?? false,
        gasPool: context.options["eth.gasCap"],
      };
      const made = await run(() => context.reader.simulate(wanted, options, id));
      return made.map((block, index) =>
        show(block, wanted[index]?.withdrawals ?? [], input.returnFullTransactions ?? false),
      );
    }),
  };
}

async function run<T>(simulate: () => Promise<T>): Promise<T> {
  try {
    return await simulate();
  } catch (error) {
    const code = error instanceof MvmError ? refusalCodes[error.code] : undefined;
    if (code === undefined) throw error;
    throw new RpcError(code, (error as Error).message);
  }
}

/** Every block with its number, time and header fields; gaps between named numbers are filled with empty blocks. */
function layOut(input: SimulationInput, base: Header, precompiles: ReadonlySet<Address>): SimulationBlock[] {
  const laid: SimulationBlock[] = [];
  let { number, timestamp, gasLimit, coinbase } = base;
  const add = (block: Partial<SimulationBlock>): void => {
    laid.push({
      number,
      timestamp,
      gasLimit,
      coinbase,
      prevRandao: zeroHash,
      parentBeaconBlockRoot: zeroHash,
      withdrawals: [],
      stateOverrides: {},
      movedPrecompiles: [],
      removedPrecompiles: [],
      calls: [],
      ...block,
    });
  };
  for (const { blockOverrides: wanted = {}, stateOverrides = new Map(), calls = [] } of input.blockStateCalls) {
    const next = wanted.number ?? number + 1n;
    if (next <= number) throw new RpcError(codes.numberOrder, `block numbers must be in order: ${next} <= ${number}`);
    if (next - base.number > maxBlocks) throw new RpcError(codes.tooMany, "too many blocks");
    for (number += 1n; number < next; number++) {
      timestamp += timeStep;
      add({});
    }
    const time = wanted.time ?? timestamp + timeStep;
    if (time <= timestamp)
      throw new RpcError(codes.timeOrder, `block timestamps must be in order: ${time} <= ${timestamp}`);
    timestamp = time;
    gasLimit = wanted.gasLimit ?? gasLimit;
    coinbase = wanted.feeRecipient ?? coinbase;
    add({
      ...overridesOf(stateOverrides, precompiles),
      ...(wanted.prevRandao ? { prevRandao: wanted.prevRandao } : {}),
      ...(wanted.beaconRoot ? { parentBeaconBlockRoot: wanted.beaconRoot } : {}),
      ...(wanted.baseFeePerGas === undefined ? {} : { baseFeePerGas: wanted.baseFeePerGas }),
      ...(wanted.blobBaseFee === undefined ? {} : { blobBaseFee: wanted.blobBaseFee }),
      withdrawals: wanted.withdrawals ?? [],
      calls,
    });
  }
  return laid;
}

type Overrides = NonNullable<SimulationInput["blockStateCalls"][number]["stateOverrides"]>;

/** An override of a precompile's address takes the precompile away from there, to another address if it says so. */
function overridesOf(
  overrides: Overrides,
  precompiles: ReadonlySet<Address>,
): Pick<SimulationBlock, "stateOverrides" | "movedPrecompiles" | "removedPrecompiles"> {
  const movedPrecompiles: { from: Address; to: Address }[] = [];
  const stateOverrides: Record<Address, object> = {};
  for (const [address, { movePrecompileToAddress: to, ...override }] of overrides) {
    if (to !== undefined) {
      if (!precompiles.has(address))
        throw new RpcError(rpcCodes.serverError, `account ${getAddress(address)} is not a precompile`);
      if (overrides.has(to))
        throw new RpcError(rpcCodes.serverError, `account ${getAddress(to)} is already overridden`);
      movedPrecompiles.push({ from: address, to });
    }
    if (Object.keys(override).length > 0) stateOverrides[address] = override;
  }
  const removedPrecompiles = [...overrides.keys()].filter((address) => precompiles.has(address));
  return { stateOverrides, movedPrecompiles, removedPrecompiles };
}

function show(block: SimulatedBlock, withdrawals: SimulationBlock["withdrawals"], full: boolean): JsonObject {
  const header = decodeHeader(block.headerRlp);
  const hashes = block.transactions.map((raw) => keccak256(raw));
  const placeOf = (index: number): Place => ({
    blockHash: block.hash,
    blockNumber: header.number,
    timestamp: header.timestamp,
    index,
    baseFee: header.baseFeePerGas,
  });
  const transactions = full
    ? block.transactions.map((raw, index) =>
        formatTransaction(decodeRaw(raw), block.senders[index] ?? "0x", placeOf(index)),
      )
    : hashes;
  const calls = block.calls.map(({ result, maxUsedGas, logs, logIndexes }, index): JsonObject => {
    const transactionHash = hashes[index] ?? "0x";
    const shown = logs.map((log, at) =>
      formatLog(log, { place: placeOf(index), transactionHash, logIndex: logIndexes[at] ?? at }),
    );
    const used = { gasUsed: quantity(result.gasUsed), maxUsedGas: quantity(maxUsedGas) };
    // What a revert gave back stands in its error.
    const returnData = result.status === "success" ? result.output : "0x";
    const status = result.status === "success" ? "0x1" : "0x0";
    return { returnData, logs: shown, ...used, status, ...failureOf(result) };
  });
  return {
    ...formatHeader(header, block.hash),
    size: quantity(block.size),
    transactions,
    uncles: [],
    ...(header.withdrawalsRoot === undefined ? {} : { withdrawals: withdrawals.map(formatWithdrawal) }),
    calls,
  };
}

function failureOf(result: SimulatedBlock["calls"][number]["result"]): JsonObject {
  if (result.status === "success") return {};
  if (result.status === "halt") return { error: { code: codes.halted, message: result.reason } };
  const { rpcCode, message } = revertError(result.output);
  return { error: { code: rpcCode, message, data: result.output } };
}
