import type { BlockView, MvmReader, ReceiptView } from "@metis/mvm";
import type { Hash } from "@metis/protocol";
import { param, readObject, RpcError, rpcCodes, type Param } from "@metis/runtime";
import type { Address } from "viem";
import { placeOf, type Blocks } from "./blocks.ts";
import { bloomBits, mayHold, type BloomBits } from "./bloom.ts";
import type { EthOptions } from "./context.ts";
import type { FeedView } from "./feed.ts";
import { formatLog, type JsonObject } from "./format.ts";
import { bloomOf, decodeHeader } from "./header.ts";
import { blockNumberParam, type BlockSelector } from "./params.ts";

/** Which logs are meant: any of the addresses, and at each place any of the topics; nothing listed = anything. */
export interface LogMatch {
  readonly addresses: ReadonlySet<Address>;
  readonly topics: readonly ReadonlySet<Hash>[];
  /** The same for bloom filters. */
  readonly bloom: readonly (readonly BloomBits[])[];
}

export interface LogQuery {
  readonly match: LogMatch;
  readonly blockHash: Hash | undefined;
  readonly from: BlockSelector | undefined;
  readonly to: BlockSelector | undefined;
}

const maxAlternatives = 1000;
const alternatives = (item: Param<Hash>, value: unknown, at: string): Hash[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? [...param.list(item, maxAlternatives).read(value, at)] : [item.read(value, at)];
};

const only = (message: string): RpcError => new RpcError(rpcCodes.invalidParams, message);

/** The filter object of `eth_getLogs`, `eth_newFilter` and the logs subscription. */
export const logQueryParam: Param<LogQuery> = {
  optional: false,
  read(value, at) {
    const { address, topics, blockHash, fromBlock, toBlock } = readObject(value, at);
    if (blockHash !== undefined && blockHash !== null && (fromBlock ?? toBlock ?? null) !== null)
      throw only(
        `invalid argument ${at}: cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other`,
      );
    const addresses = new Set(alternatives(param.address, address, `${at}.address`));
    const places = topics === undefined || topics === null ? [] : param.list(param.any, 4).read(topics, `${at}.topics`);
    const topicSets = places.map((place, index) => new Set(alternatives(param.hash, place, `${at}.topics[${index}]`)));
    const block = param.optional(blockNumberParam);
    return {
      match: {
        addresses,
        topics: topicSets,
        bloom: [addresses, ...topicSets].map((items) => [...items].map(bloomBits)),
      },
      blockHash: param.optional(param.hash).read(blockHash, `${at}.blockHash`),
      from: block.read(fromBlock, `${at}.fromBlock`),
      to: block.read(toBlock, `${at}.toBlock`),
    };
  },
};

/** The matching logs of one block, in order. */
export function logsOf(
  block: FeedView,
  receipts: readonly ReceiptView[],
  match: LogMatch,
  removed = false,
): JsonObject[] {
  const header = decodeHeader(block.headerRlp);
  const found: JsonObject[] = [];
  let logIndex = 0;
  for (const [index, receipt] of receipts.entries()) {
    for (const log of receipt.logs) {
      if (matches(log.address, log.topics, match)) {
        const transactionHash = block.transactionHashes[index] ?? "0x";
        found.push(formatLog(log, { place: placeOf(block, header, index), transactionHash, logIndex, removed }));
      }
      logIndex++;
    }
  }
  return found;
}

/** Whether the header's bloom filter leaves it open that the block has logs that `match` means. */
export const mayMatch = ({ headerRlp }: Pick<BlockView, "headerRlp">, match: LogMatch): boolean =>
  mayHold(bloomOf(headerRlp), match.bloom);

function matches(address: Address, topics: readonly Hash[], match: LogMatch): boolean {
  if (match.addresses.size > 0 && !match.addresses.has(address)) return false;
  return match.topics.every((wanted, index) => {
    const topic = topics[index];
    return topic !== undefined && (wanted.size === 0 || wanted.has(topic));
  });
}

/** Headers looked at between two turns of the event loop. */
const stride = 512n;

/** Finds logs through the headers' bloom filters. */
export class LogSearch {
  readonly #reader: MvmReader;
  readonly #blocks: Blocks;
  readonly #options: EthOptions;

  constructor(reader: MvmReader, blocks: Blocks, options: EthOptions) {
    this.#reader = reader;
    this.#blocks = blocks;
    this.#options = options;
  }

  /** All logs that `query` means. Throws `RpcError` for ranges that are wrong or too long. */
  async search(query: LogQuery): Promise<JsonObject[]> {
    if (query.blockHash === undefined) return this.#range(query.match, ...(await this.range(query)));
    const block = await this.#reader.block({ hash: query.blockHash });
    if (!block) throw new RpcError(rpcCodes.serverError, "unknown block");
    return this.#block(block, query.match);
  }

  /** First and last block of a query, checked. */
  async range(query: Pick<LogQuery, "from" | "to">): Promise<[from: bigint, to: bigint]> {
    const from = await this.#number(query.from);
    const to = await this.#number(query.to);
    const head = this.#blocks.latest().number;
    if (from > to) throw only("invalid block range params");
    if (to > head) throw only("block range extends beyond current head block");
    const max = this.#options["eth.maxLogBlocks"];
    if (to - from >= BigInt(max))
      throw new RpcError(
        rpcCodes.limitExceeded,
        `query exceeds max block range ${max}: ask for fewer blocks at a time`,
      );
    return [from, to];
  }

  async #number(selector: BlockSelector = { tag: "latest" }): Promise<bigint> {
    if ("number" in selector) return selector.number;
    if ("tag" in selector && selector.tag === "pending")
      throw new RpcError(rpcCodes.serverError, "pending logs are not supported");
    const block = await this.#blocks.find(selector);
    if (!block) throw new RpcError(rpcCodes.serverError, "unknown block");
    return block.number;
  }

  async #range(match: LogMatch, from: bigint, to: bigint): Promise<JsonObject[]> {
    const found: JsonObject[] = [];
    const max = this.#options["eth.maxLogs"];
    for (let first = from; first <= to; first += stride) {
      const last = first + stride - 1n < to ? first + stride - 1n : to;
      for (const { hash, headerRlp } of await this.#reader.headers(first, last)) {
        if (!mayMatch({ headerRlp }, match)) continue;
        const block = await this.#reader.block({ hash });
        if (block) found.push(...(await this.#block(block, match)));
        if (found.length > max)
          throw new RpcError(
            rpcCodes.limitExceeded,
            `query returns more than ${max} logs: ask for fewer blocks at a time`,
          );
      }
    }
    return found;
  }

  async #block(block: BlockView, match: LogMatch): Promise<JsonObject[]> {
    if (!mayMatch(block, match)) return [];
    return logsOf(block, (await this.#reader.receipts({ hash: block.hash })) ?? [], match);
  }
}
