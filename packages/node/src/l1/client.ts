import type { Hash, L1BlockNumber, L1JsonHeader } from "@metis/protocol";
import { RpcClientError } from "@metis/runtime";
import type { Logger, RpcClient } from "@metis/runtime";
import { decodeErrorResult, decodeFunctionResult, encodeFunctionData, isHex, numberToHex } from "viem";
import type { Abi, Address, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType, Hex } from "viem";
import { L1Error } from "./errors.ts";
import { blockRef, checkedHeader } from "./header.ts";
import type { L1BlockRef, L1Header } from "./header.ts";

export type L1BlockTag = "latest" | "safe" | "finalized";

/** A log as `eth_getLogs` returns it, numbers decoded. */
export interface L1Log {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Hex;
  readonly blockNumber: L1BlockNumber;
  readonly blockHash: Hash;
  readonly transactionHash: Hash;
  readonly logIndex: number;
}

export interface L1LogFilter {
  readonly addresses: readonly Address[];
  readonly topics?: readonly (Hash | readonly Hash[] | null)[];
  readonly from: L1BlockNumber;
  readonly to: L1BlockNumber;
}

export interface L1Receipt {
  readonly transactionHash: Hash;
  readonly blockNumber: L1BlockNumber;
  readonly blockHash: Hash;
  readonly success: boolean;
  readonly gasUsed: bigint;
  readonly effectiveGasPrice: bigint;
}

export interface L1CallRequest {
  readonly from?: Address;
  readonly to: Address;
  readonly data: Hex;
  readonly blobVersionedHashes?: readonly Hash[];
}

/** Most headers asked for in one request. */
const headerBatch = 100;
/** Most blocks asked for in one `eth_getLogs`. */
const logRange = 2_000n;

/**
 * L1 as the node reads it. Failures of the way there are `l1-unavailable` (retry), said in the log once when the endpoint goes
 * down and once when it is back. Refusals of the endpoint are `l1-refused` (retry: they come and go with reorgs and limits).
 */
export class L1Client {
  readonly #rpc: RpcClient;
  readonly #logger: Logger;
  #down = false;

  constructor(rpc: RpcClient, logger: Logger) {
    this.#rpc = rpc;
    this.#logger = logger;
  }

  /** Whether the last request got through. */
  get available(): boolean {
    return !this.#down;
  }

  async request<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    try {
      const result = await this.#rpc.request<T>(method, params);
      this.#answered();
      return result;
    } catch (error) {
      throw this.#translate(method, error);
    }
  }

  async chainId(): Promise<bigint> {
    return BigInt(await this.request<Hex>("eth_chainId"));
  }

  /** A block by tag or number; nothing when it is not there. */
  async block(id: L1BlockTag | L1BlockNumber): Promise<L1BlockRef | undefined> {
    const header = await this.request<L1JsonHeader | null>("eth_getBlockByNumber", [blockId(id), false]);
    return header ? blockRef(header) : undefined;
  }

  /** A header with checked RLP by number or hash; nothing when it is not there. */
  async header(id: L1BlockNumber | Hash): Promise<L1Header | undefined> {
    const header =
      typeof id === "bigint"
        ? await this.request<L1JsonHeader | null>("eth_getBlockByNumber", [numberToHex(id), false])
        : await this.request<L1JsonHeader | null>("eth_getBlockByHash", [id, false]);
    return header ? checkedHeader(header) : undefined;
  }

  /**
   * The headers `from..to` (both included), linked to each other. Throws `l1-block-unknown` (retry) when one is missing or they
   * do not form a chain, as during a reorg.
   */
  async headers(from: L1BlockNumber, to: L1BlockNumber): Promise<readonly L1Header[]> {
    const numbers = Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index));
    const headers: L1Header[] = [];
    for (let start = 0; start < numbers.length; start += headerBatch) {
      const chunk = numbers.slice(start, start + headerBatch);
      headers.push(...(await this.#headerChunk(chunk)));
    }
    const broken = headers.findIndex((header, index) => index > 0 && header.parentHash !== headers[index - 1]!.hash);
    if (broken >= 0) throw blockUnknown(headers[broken]!.number, "the chain changed while it was read");
    return headers;
  }

  /** Logs of a range in order, asked for in pieces. */
  async logs(filter: L1LogFilter): Promise<readonly L1Log[]> {
    const logs: L1Log[] = [];
    for (let from = filter.from; from <= filter.to; from += logRange) {
      const last = from + logRange - 1n;
      const to = last < filter.to ? last : filter.to;
      const raw = await this.request<readonly JsonLog[]>("eth_getLogs", [
        {
          address: filter.addresses,
          topics: filter.topics ?? [],
          fromBlock: numberToHex(from),
          toBlock: numberToHex(to),
        },
      ]);
      logs.push(...raw.filter(({ removed }) => removed !== true).map(decodeLog));
    }
    return logs;
  }

  async receipt(hash: Hash): Promise<L1Receipt | undefined> {
    const receipt = await this.request<JsonReceipt | null>("eth_getTransactionReceipt", [hash]);
    if (!receipt) return undefined;
    return {
      transactionHash: receipt.transactionHash,
      blockNumber: BigInt(receipt.blockNumber),
      blockHash: receipt.blockHash,
      success: BigInt(receipt.status) === 1n,
      gasUsed: BigInt(receipt.gasUsed),
      effectiveGasPrice: BigInt(receipt.effectiveGasPrice),
    };
  }

  /** Calls a view function at the latest block. Throws `call-reverted` with the custom error's name. */
  async read<const A extends Abi, F extends ContractFunctionName<A, "pure" | "view">>(
    abi: A,
    address: Address,
    functionName: F,
    args: ContractFunctionArgs<A, "pure" | "view", F>,
  ): Promise<ContractFunctionReturnType<A, "pure" | "view", F>> {
    const data = encodeFunctionData({ abi, functionName, args } as Parameters<typeof encodeFunctionData>[0]);
    const output = await this.call({ to: address, data }, abi);
    const result: { abi: Abi; functionName: string; data: Hex } = { abi, functionName, data: output };
    const decoded: unknown = decodeFunctionResult(result);
    return decoded as ContractFunctionReturnType<A, "pure" | "view", F>;
  }

  /** `eth_call`. Throws `call-reverted`, its reason decoded by `abi`. */
  async call(request: L1CallRequest, abi: Abi, at: L1BlockTag = "latest"): Promise<Hex> {
    return this.#reverting(abi, () => this.request<Hex>("eth_call", [request, at]));
  }

  /** Gas that `request` would use. Throws `call-reverted`, its reason decoded by `abi`. */
  async estimateGas(request: L1CallRequest, abi: Abi): Promise<bigint> {
    return BigInt(await this.#reverting(abi, () => this.request<Hex>("eth_estimateGas", [request])));
  }

  async #reverting<T>(abi: Abi, body: () => Promise<T>): Promise<T> {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof L1Error) || error.code !== "l1-refused") throw error;
      const data = revertData(error.payload["data"]);
      const words = error.payload.reason ?? "";
      if (data === undefined && !/revert/i.test(words)) throw error;
      const { reason, args } = decodeRevert(abi, data, words);
      const message = `the call is refused: ${reason}`;
      throw new L1Error("call-reverted", "reject", message, { reason, args }, { cause: error });
    }
  }

  async #headerChunk(numbers: readonly L1BlockNumber[]): Promise<readonly L1Header[]> {
    const calls = numbers.map((number) => ({
      method: "eth_getBlockByNumber",
      params: [numberToHex(number), false],
    }));
    try {
      const outcomes = await this.#rpc.batch(calls);
      this.#answered();
      return outcomes.map((outcome, index) => {
        if ("error" in outcome) throw outcome.error;
        if (!outcome.result) throw blockUnknown(numbers[index]!, "it is not there");
        return checkedHeader(outcome.result as L1JsonHeader);
      });
    } catch (error) {
      throw this.#translate("eth_getBlockByNumber", error);
    }
  }

  #answered(): void {
    if (this.#down) this.#logger.info("L1 answers again", { url: this.#rpc.url });
    this.#down = false;
  }

  #translate(method: string, error: unknown): unknown {
    if (!(error instanceof RpcClientError)) return error;
    if (error.code === "rpc-error") {
      this.#answered();
      const { rpcCode, data } = error.payload;
      return new L1Error(
        "l1-refused",
        "retry",
        error.message,
        { method, reason: error.message, rpcCode, data },
        { cause: error },
      );
    }
    if (!this.#down)
      this.#logger.warn("L1 does not answer; nothing is lost, the node tries again until it does", {
        url: this.#rpc.url,
        reason: error.message,
      });
    this.#down = true;
    return new L1Error("l1-unavailable", "retry", error.message, { method }, { cause: error });
  }
}

const blockUnknown = (number: L1BlockNumber, why: string): L1Error =>
  new L1Error("l1-block-unknown", "retry", `L1 block ${number} cannot be used: ${why}`, { number });

const blockId = (id: L1BlockTag | L1BlockNumber): string => (typeof id === "bigint" ? numberToHex(id) : id);

interface JsonLog {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly data: Hex;
  readonly blockNumber: Hex;
  readonly blockHash: Hash;
  readonly transactionHash: Hash;
  readonly logIndex: Hex;
  readonly removed?: boolean;
}

interface JsonReceipt {
  readonly transactionHash: Hash;
  readonly blockNumber: Hex;
  readonly blockHash: Hash;
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly effectiveGasPrice: Hex;
}

const decodeLog = (log: JsonLog): L1Log => ({
  address: log.address,
  topics: log.topics,
  data: log.data,
  blockNumber: BigInt(log.blockNumber),
  blockHash: log.blockHash,
  transactionHash: log.transactionHash,
  logIndex: Number(log.logIndex),
});

/** Revert data as endpoints give it: a hex string, or an object that holds one. */
function revertData(data: unknown): Hex | undefined {
  if (isHex(data)) return data;
  if (typeof data !== "object" || data === null) return undefined;
  return revertData((data as { data?: unknown }).data);
}

function decodeRevert(abi: Abi, data: Hex | undefined, words: string): { reason: string; args: readonly unknown[] } {
  if (data !== undefined && data.length >= 10)
    try {
      const { errorName, args } = decodeErrorResult({ abi, data });
      return { reason: errorName, args: args ?? [] };
    } catch {
      return { reason: data.slice(0, 10), args: [] };
    }
  return { reason: words === "" ? "reverted" : words, args: [] };
}
