import { MvmError, tracers, type BlockView, type TraceOptions } from "@metis/mvm";
import { JsonText, method, param, RpcError, rpcCodes, type Param, type RpcMethod } from "@metis/runtime";
import type { Blocks } from "./blocks.ts";
import { blockOverridesParam, callOptions, callParam, stateOverridesParam } from "./callRequest.ts";
import type { EthContext } from "./context.ts";
import { blockNumberParam, blockOrLatest } from "./params.ts";

const flag = param.optional(param.boolean);

const tracerConfig = param.object({
  withLog: flag,
  onlyTopCall: flag,
  diffMode: flag,
  disableCode: flag,
  disableStorage: flag,
  convertParityErrors: flag,
  includePrecompiles: flag,
  includeEmpty: flag,
});

/** geth's TraceConfig; `timeout` and `reexec` mean nothing here and are ignored. */
const traceConfig = param.object({
  tracer: param.optional(param.word(tracers)),
  tracerConfig: param.optional(tracerConfig),
  disableStack: flag,
  disableStorage: flag,
  enableMemory: flag,
  enableReturnData: flag,
  limit: param.optional(param.count),
});

const callTraceConfig = param.object({
  stateOverrides: param.optional(stateOverridesParam),
  blockOverrides: param.optional(blockOverridesParam),
});

const optionsParam: Param<TraceOptions> = {
  optional: true,
  read(value, at) {
    if (value === undefined || value === null) return {};
    const { tracerConfig: forTracer, limit, ...own } = traceConfig.read(value, at);
    if (forTracer?.diffMode === true && forTracer.includeEmpty === true)
      throw new RpcError(rpcCodes.invalidParams, "cannot use diffMode with includeEmpty");
    return { ...own, ...forTracer, ...(limit === undefined ? {} : { limit: BigInt(limit) }) };
  },
};

/** Options of `debug_traceCall`: those of a trace, and what is overridden. */
const callOptionsParam: Param<{ readonly options: TraceOptions; readonly overrides: ReturnType<typeof callOptions> }> =
  {
    optional: true,
    read(value, at) {
      const { stateOverrides, blockOverrides } = callTraceConfig.read(value ?? {}, at);
      return { options: optionsParam.read(value, at), overrides: callOptions(stateOverrides, blockOverrides) };
    },
  };

/** `debug_trace*`: what kept blocks did and what a call would do, in geth's shapes. */
export function traceMethods(context: EthContext, blocks: Blocks): Readonly<Record<string, RpcMethod>> {
  const { reader, options } = context;

  const traceAll = async (block: BlockView | undefined, name: string, wanted: TraceOptions): Promise<JsonText> => {
    const text = block && (await limited(() => reader.traceText({ hash: block.hash }, wanted)));
    if (text === undefined) throw new RpcError(rpcCodes.serverError, `block ${name} not found`);
    return new JsonText(text);
  };

  return {
    debug_traceTransaction: method([param.hash, optionsParam], async ([hash, wanted]) => {
      const found = await blocks.locate(hash);
      const text = found && (await limited(() => reader.traceText({ hash: found.block.hash }, wanted, found.index)));
      if (text === undefined) throw new RpcError(rpcCodes.serverError, "transaction not found");
      return new JsonText(text);
    }),
    debug_traceBlockByNumber: method([blockNumberParam, optionsParam], async ([selector, wanted]) => {
      const name = "number" in selector ? `#${selector.number}` : "";
      return traceAll(await blocks.find(selector), name, wanted);
    }),
    debug_traceBlockByHash: method([param.hash, optionsParam], async ([hash, wanted]) =>
      traceAll(await blocks.find({ hash, requireCanonical: false }), hash, wanted),
    ),
    debug_traceCall: method(
      [callParam, blockOrLatest, callOptionsParam],
      async ([request, block, { options: wanted, overrides }]) => {
        const cap = options["eth.gasCap"];
        const withGas = { ...request, gas: request.gas !== undefined && request.gas < cap ? request.gas : cap };
        const id = await blocks.stateId(block);
        return new JsonText(await limited(() => reader.traceCallText(withGas, id, wanted, overrides)));
      },
    ),
  };
}

/** A trace or witness that is too long is a limit of the server, not a fault of the block; genesis has none, said as the suite does. */
export async function limited<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof MvmError && (error.code === "trace-too-large" || error.code === "witness-too-large"))
      throw new RpcError(rpcCodes.limitExceeded, error.message, { reason: error.code });
    if (error instanceof MvmError && error.code === "genesis-not-traceable")
      throw new RpcError(rpcCodes.serverError, error.message);
    throw error;
  }
}
