import { decodeRlp, encodeRlp, RlpFields, type RlpInput, type RlpItem } from "@metis/protocol";
import { fromHex, toBigInt, toHex } from "../bytes.ts";
import type { SimulatedBlock, SimulationBlock, SimulationCall, SimulationOptions } from "../simulation.ts";
import { readLog } from "./receipts.ts";
import { callFields, optional, stateOverride, withdrawalFields } from "./requests.ts";
import { readResult } from "./responses.ts";
import { wholeBlock } from "./wholeBlock.ts";

/** `simulate` of docs/spec/kernel.md. */

const callItem = (call: SimulationCall): RlpInput => [
  callFields(call),
  optional(call.maxFeePerBlobGas),
  call.blobVersionedHashes ?? [],
];

const blockItem = (block: SimulationBlock): RlpInput => [
  block.number,
  block.timestamp,
  block.gasLimit,
  block.coinbase,
  block.prevRandao,
  block.parentBeaconBlockRoot,
  optional(block.baseFeePerGas),
  optional(block.blobBaseFee),
  withdrawalFields(block.withdrawals),
  Object.entries(block.stateOverrides).map(stateOverride),
  block.movedPrecompiles.map(({ from, to }) => [from, to]),
  block.removedPrecompiles.map(fromHex),
  block.calls.map(callItem),
];

export const simulationRequest = (
  header: Uint8Array,
  blocks: readonly SimulationBlock[],
  { validation, traceTransfers, gasPool }: SimulationOptions,
): Uint8Array => encodeRlp([header, validation, traceTransfers, gasPool, blocks.map(blockItem)]);

/** `blocks` are those of the request: a block's size counts its withdrawals. */
export function readSimulation(body: Uint8Array, blocks: readonly SimulationBlock[]): SimulatedBlock[] {
  const items = decodeRlp(body) as readonly RlpItem[];
  return items.map((item, index) => readBlock(item, blocks[index]?.withdrawals ?? []));
}

function readBlock(item: RlpItem, withdrawals: SimulationBlock["withdrawals"]): SimulatedBlock {
  const fields = new RlpFields("simulated block", item);
  const header = fields.bytes();
  const hash = fields.fixed(32);
  const transactions = fields.list() as readonly Uint8Array[];
  const senders = fields.list() as readonly Uint8Array[];
  return {
    headerRlp: toHex(header),
    hash,
    transactions: transactions.map(toHex),
    senders: senders.map(toHex),
    size: wholeBlock(header, transactions, { withdrawals }).length,
    calls: fields.list().map((call) => {
      const made = new RlpFields("simulated call", call);
      const result = readResult(made);
      const maxUsedGas = made.uint(64);
      const logs = made.list().map(readLog);
      return {
        result,
        maxUsedGas,
        logs,
        logIndexes: made.list().map((index) => Number(toBigInt(index as Uint8Array))),
      };
    }),
  };
}
