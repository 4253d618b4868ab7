import { parentPort, workerData } from "node:worker_threads";
import { encodeRlp } from "@metis/protocol";
import type { Address, Hex } from "viem";
import type { BlockId, CallOptions, CallRequest, PureAttributes } from "../api.ts";
import type { SimulationBlock, SimulationOptions } from "../simulation.ts";
import { openEngine, type WorkerSettings } from "./boot.ts";
import { Calls } from "./calls.ts";
import type { TraceOptions } from "../tracing.ts";
import { report, serve, type Handlers } from "./channel.ts";
import { importedTransactions } from "./imported.ts";
import { Traces } from "./traces.ts";
import { rawItems } from "../wire/raw.ts";
import { WitnessRecorder } from "../witness/recorder.ts";

const port = parentPort!;

function start(): Handlers {
  const settings = workerData as WorkerSettings;
  const { chain, slot } = openEngine(settings, (level, text) => report(port, { log: { level, text } }));
  const calls = new Calls(chain, slot);
  const traces = new Traces(chain, slot);
  const witnesses = new WitnessRecorder(chain, settings.module);
  return {
    call: (request: CallRequest, id: BlockId, options?: CallOptions) => calls.call(request, id, options),
    estimateGas: (request: CallRequest, id: BlockId, options?: CallOptions) => calls.estimateGas(request, id, options),
    createAccessList: (request: CallRequest, id: BlockId) => calls.createAccessList(request, id),
    l1Fee: (transaction: Hex, id: BlockId) => calls.l1Fee(transaction, id),
    proof: (address: Address, slots: readonly Hex[], id: BlockId) => calls.proof(address, slots, id),
    simulate: (blocks: readonly SimulationBlock[], options: SimulationOptions, id: BlockId) =>
      calls.simulate(blocks, options, id),
    buildBlock: (attributes: PureAttributes, transactions: readonly Hex[], parent: BlockId) =>
      calls.buildBlock(attributes, transactions, parent),
    executionWitness: (id: BlockId) => JSON.stringify(witnesses.witness(id)),
    recoverSenders: (transactions: readonly Hex[]) => calls.recoverSenders(transactions),
    prepareSenders: (transactions: Uint8Array) => calls.prepareSenders(rawItems(transactions)),
    prepareBlocks: (blocks: readonly Uint8Array[]) =>
      calls.prepareSenders(blocks.flatMap(importedTransactions).map(encodeRlp)),
    derive: (request: Uint8Array) => calls.derive(request),
    traceBlock: (id: BlockId, options: TraceOptions) => traces.traceBlock(id, options),
    traceTransaction: (id: BlockId, options: TraceOptions, index: number) =>
      traces.traceTransaction(id, options, index),
    traceCall: (request: CallRequest, id: BlockId, options: TraceOptions, overrides?: CallOptions) =>
      traces.traceCall(request, id, options, overrides),
    close: () => chain.database.close(),
  };
}

serve(port, start);
