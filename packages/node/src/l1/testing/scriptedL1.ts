// An L1 endpoint that does what the test says: blocks, reorgs, a pool, outages.
import { RpcClientError } from "@metis/runtime";
import type { RpcCall, RpcClient, RpcOutcome } from "@metis/runtime";
import { keccak256, numberToHex, parseTransaction } from "viem";
import type { Hex, TransactionSerializable } from "viem";
import { encodeRlp } from "@metis/protocol";
import type { L1JsonHeader } from "@metis/protocol";

const zero = (length: number): Hex => `0x${"00".repeat(length)}`;

interface Pooled {
  readonly raw: Hex;
  readonly hash: Hex;
  readonly transaction: TransactionSerializable;
}

/** Headers are real: their RLP hashes to their hash. One sender; its transactions are mined in order of nonce. */
export class ScriptedL1 implements RpcClient {
  readonly url = "http://scripted";
  readonly calls: string[] = [];
  readonly sent: Pooled[] = [];
  /** Revert data of estimates, if they are refused. */
  refusal: Hex | undefined;
  down = false;
  /** Requests are answered when this is over. */
  silence: Promise<void> | undefined;
  finalizedDepth = 2;
  baseFee = 10n ** 9n;
  #chain: L1JsonHeader[] = [];
  #mined = new Map<Hex, { readonly block: L1JsonHeader; readonly success: boolean }>();
  #nonce = 0;
  #salt = 0;

  constructor() {
    this.mine();
  }

  get head(): L1JsonHeader {
    return this.#chain.at(-1)!;
  }

  /** Adds `count` empty blocks. */
  mine(count = 1): void {
    for (let added = 0; added < count; added++) this.#chain.push(this.#header(this.#chain.length, this.#chain.at(-1)));
  }

  /** Mines the dearest transaction sent for the next nonce, if there is one. */
  mineSent(success = true): void {
    this.mine();
    const [best] = this.sent
      .filter(({ transaction }) => (transaction.nonce ?? 0) === this.#nonce)
      .toSorted((a, b) => Number((b.transaction.maxFeePerGas ?? 0n) - (a.transaction.maxFeePerGas ?? 0n)));
    if (!best) return;
    this.#mined.set(best.hash, { block: this.head, success });
    this.#nonce += 1;
  }

  /** Another user of the key was faster. */
  useNonce(): void {
    this.#nonce += 1;
  }

  /** Replaces the last `depth` blocks and adds one. */
  reorg(depth: number): void {
    this.#chain = this.#chain.slice(0, -depth);
    this.#salt += 1;
    this.mine(depth + 1);
  }

  async request<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    this.calls.push(method);
    await this.silence;
    if (this.down) throw new RpcClientError("unreachable", "retry", "down", { method });
    return this.#answer(method, params as Hex[]) as T;
  }

  async batch(calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]> {
    return Promise.all(calls.map(async ({ method, params }) => ({ result: await this.request(method, params ?? []) })));
  }

  #answer(method: string, [first]: readonly Hex[]): unknown {
    switch (method) {
      case "eth_chainId":
        return numberToHex(31_337);
      case "eth_getBlockByNumber":
        return this.#block(first!) ?? null;
      case "eth_getLogs":
        return [];
      case "eth_getTransactionCount":
        return numberToHex(this.#nonce);
      case "eth_estimateGas":
      case "eth_call":
        if (this.refusal !== undefined)
          throw new RpcClientError("rpc-error", "reject", "execution reverted", {
            method,
            rpcCode: 3,
            data: this.refusal,
          });
        return numberToHex(100_000);
      case "eth_feeHistory":
        return { baseFeePerGas: [numberToHex(this.baseFee), numberToHex(this.baseFee)] };
      case "eth_maxPriorityFeePerGas":
        return numberToHex(10n ** 9n);
      case "eth_blobBaseFee":
        return "0x1";
      case "eth_sendRawTransaction":
        return this.#send(first!);
      case "eth_getTransactionReceipt":
        return this.#receipt(first!);
      default:
        throw new RpcClientError("rpc-error", "reject", `no ${method} here`, { method, rpcCode: -32601 });
    }
  }

  #send(raw: Hex): Hex {
    const hash = keccak256(raw);
    if (this.sent.some((known) => known.hash === hash))
      throw new RpcClientError("rpc-error", "reject", "already known", { method: "eth_sendRawTransaction" });
    this.sent.push({ raw, hash, transaction: parseTransaction(raw as `0x02${string}`) });
    return hash;
  }

  #receipt(hash: Hex): unknown {
    const mined = this.#mined.get(hash);
    if (!mined) return null;
    const { block, success } = mined;
    return {
      transactionHash: hash,
      blockNumber: block.number,
      blockHash: block.hash,
      status: success ? "0x1" : "0x0",
      gasUsed: "0x5208",
      effectiveGasPrice: "0x1",
    };
  }

  #block(id: string): L1JsonHeader | undefined {
    if (id === "latest") return this.head;
    const depth = id === "finalized" ? this.finalizedDepth : id === "safe" ? 1 : undefined;
    if (depth !== undefined) return this.#chain.at(-1 - depth);
    return this.#chain[Number(BigInt(id))];
  }

  #header(number: number, parent: L1JsonHeader | undefined): L1JsonHeader {
    const fields = {
      number: numberToHex(number),
      parentHash: parent?.hash ?? zero(32),
      sha3Uncles: zero(32),
      miner: zero(20),
      stateRoot: numberToHex(this.#salt, { size: 32 }),
      transactionsRoot: zero(32),
      receiptsRoot: zero(32),
      logsBloom: zero(256),
      difficulty: "0x0",
      gasLimit: "0x1c9c380",
      gasUsed: "0x0",
      timestamp: numberToHex(1_700_000_000 + 12 * number),
      extraData: "0x",
      mixHash: zero(32),
      nonce: zero(8),
      baseFeePerGas: "0x7",
      withdrawalsRoot: zero(32),
      blobGasUsed: "0x0",
      excessBlobGas: "0x0",
      parentBeaconBlockRoot: zero(32),
      requestsHash: zero(32),
    } as const;
    const rlp = encodeRlp([
      fields.parentHash,
      fields.sha3Uncles,
      fields.miner,
      fields.stateRoot,
      fields.transactionsRoot,
      fields.receiptsRoot,
      fields.logsBloom,
      0n,
      BigInt(number),
      BigInt(fields.gasLimit),
      0n,
      BigInt(fields.timestamp),
      fields.extraData,
      fields.mixHash,
      fields.nonce,
      7n,
      fields.withdrawalsRoot,
      0n,
      0n,
      fields.parentBeaconBlockRoot,
      fields.requestsHash,
    ]);
    return { ...fields, hash: keccak256(rlp) };
  }
}
