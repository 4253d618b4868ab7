import type { MvmReader, ReceiptView } from "@metis/mvm";
import { epochOf, predeploys } from "@metis/protocol";
import type { ChainConfig, Epoch, L2BlockNumber, Withdrawal } from "@metis/protocol";
import { l2ToL1MessagePasserAbi, metisSequencerSetAbi } from "@metis/protocol/contracts";
import { decodeEventLog, decodeFunctionResult, encodeEventTopics, encodeFunctionData, numberToHex } from "viem";
import type { Hex } from "viem";
import { bloomBits, mayHold } from "../rpc/bloom.ts";
import { decodeHeader } from "../rpc/header.ts";

export interface EpochReportsOptions {
  readonly config: Pick<ChainConfig, "genesisAnchorNumber" | "epochLength">;
  readonly reader: Pick<MvmReader, "block" | "headers" | "receipts" | "call">;
}

/** What MetisSequencerSet has counted of an epoch (docs/spec/staking.md, "Attendance"). */
export interface EpochCounts {
  readonly blocks: bigint;
  readonly isReported: boolean;
  readonly words: readonly bigint[];
}

/** What L2 took in while an epoch's blocks were counted (docs/spec/fees.md). */
export interface EpochRevenue {
  /** METIS wei: base fees and priority fees, and L1 data fees. */
  readonly fees: bigint;
  readonly l1Fees: bigint;
  /** METIS wei for 1 ETH. */
  readonly rate: bigint;
}

/** A report as L2's chain holds it. */
export interface EpochReport extends Pick<EpochCounts, "blocks" | "words"> {
  readonly epoch: Epoch;
  readonly l2Block: L2BlockNumber;
  /** The message that brings it to L1. */
  readonly withdrawal: Withdrawal;
}

const abi = metisSequencerSetAbi;
const [reportedTopic] = encodeEventTopics({ abi, eventName: "AttendanceReported" });
const [passedTopic] = encodeEventTopics({ abi: l2ToL1MessagePasserAbi, eventName: "MessagePassed" });
const headersAtATime = 1024n;

/** Reads what L2's chain, as it is here, says of epochs. */
export class EpochReports {
  readonly #options: EpochReportsOptions;

  constructor(options: EpochReportsOptions) {
    this.#options = options;
  }

  /** The anchor's epoch at block `number`. */
  async epochAt(number: L2BlockNumber): Promise<Epoch> {
    const { config, reader } = this.#options;
    return epochOf(config, (await reader.block(number))?.inputs?.anchorNumber ?? config.genesisAnchorNumber);
  }

  /** Throws `MvmError` "state-unavailable" when the state of block `number` is not kept. */
  async countsOf(epoch: Epoch, number: L2BlockNumber): Promise<EpochCounts> {
    const functionName = "countsOf";
    const data = await this.#ask(encodeFunctionData({ abi, functionName, args: [epoch] }), number);
    const [blocks, isReported, words] = decodeFunctionResult({ abi, functionName, data });
    return { blocks, isReported, words };
  }

  /** Throws `MvmError` "state-unavailable" when the state of block `number` is not kept. */
  async revenueOf(epoch: Epoch, number: L2BlockNumber): Promise<EpochRevenue> {
    const functionName = "revenueOf";
    const data = await this.#ask(encodeFunctionData({ abi, functionName, args: [epoch] }), number);
    return decodeFunctionResult({ abi, functionName, data });
  }

  /** The report of `epoch` in a block up to `last`; nothing when there is none, or this node does not hold it. */
  async find(epoch: Epoch, last: L2BlockNumber): Promise<EpochReport | undefined> {
    const groups = [[bloomBits(reportedTopic)], [bloomBits(numberToHex(epoch, { size: 32 }))]];
    for (let from = await this.#firstInEpoch(epoch + 2n, last); from <= last; from += headersAtATime) {
      const to = from + headersAtATime - 1n < last ? from + headersAtATime - 1n : last;
      for (const [i, { headerRlp }] of (await this.#options.reader.headers(from, to)).entries()) {
        const may = mayHold(decodeHeader(headerRlp).logsBloom.slice(2), groups);
        const found = may ? await this.#reportIn(epoch, from + BigInt(i)) : undefined;
        if (found) return found;
      }
    }
    return undefined;
  }

  /** First block up to `last` whose anchor is in `epoch` or a later one; no report of two epochs before is below it. */
  async #firstInEpoch(epoch: Epoch, last: L2BlockNumber): Promise<L2BlockNumber> {
    let [low, high] = [1n, last + 1n];
    while (low < high) {
      const middle = (low + high) / 2n;
      if ((await this.epochAt(middle)) >= epoch) high = middle;
      else low = middle + 1n;
    }
    return low;
  }

  async #ask(data: Hex, number: L2BlockNumber): Promise<Hex> {
    const called = await this.#options.reader.call({ to: predeploys.metisSequencerSet, data }, number);
    if (called.status !== "success") throw new Error(`MetisSequencerSet does not answer: ${called.status}`);
    return called.output;
  }

  async #reportIn(epoch: Epoch, number: L2BlockNumber): Promise<EpochReport | undefined> {
    for (const { logs } of (await this.#options.reader.receipts(number)) ?? []) {
      const at = logs.findIndex((log) => isReportOf(epoch, log));
      const passed = logs.slice(at + 1).find((log) => isPassed(log));
      const report = logs[at];
      if (!report || !passed) continue;
      const { blocks, words } = decodeEventLog({
        abi,
        eventName: "AttendanceReported",
        ...raw(report),
      }).args;
      const { args } = decodeEventLog({ abi: l2ToL1MessagePasserAbi, eventName: "MessagePassed", ...raw(passed) });
      const { nonce, sender, target, value, gasLimit, data } = args;
      return { epoch, blocks, words, l2Block: number, withdrawal: { nonce, sender, target, value, gasLimit, data } };
    }
    return undefined;
  }
}

type Log = ReceiptView["logs"][number];

const isReportOf = (epoch: Epoch, { address, topics: [topic, indexed] }: Log): boolean =>
  address === predeploys.metisSequencerSet && topic === reportedTopic && BigInt(indexed ?? 0) === epoch;

const isPassed = ({ address, topics: [topic] }: Log): boolean =>
  address === predeploys.l2ToL1MessagePasser && topic === passedTopic;

const raw = ({ topics, data }: Log) => ({ topics: topics as [Hex, ...Hex[]], data });
