// A pool whose seats are processes of their own, and a client that keeps account of what it was promised.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeConfig } from "@metis/node";
import type { Health } from "@metis/runtime";
import { createRpcClient, everyOne, RpcClientError, systemClock } from "@metis/runtime";
import { keccak256, zeroAddress } from "viem";
import type { Address, Hash, HDAccount, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { spawnSeat } from "./nodeProcess.ts";
import type { Heads, NodeProcess, Surroundings } from "./nodeProcess.ts";
import { openLoopback } from "./seatNetwork.ts";
import type { MakeNetwork, SeatNetwork } from "./seatNetwork.ts";
import { seatKeyOf, until, World } from "./world.ts";
import type { WorldOptions } from "./world.ts";

/** What of `rollup_poolStatus` the tests look at. */
export interface PoolStatus {
  readonly self: Address;
  readonly leader: Address | null;
  readonly halted: string | null;
  /** Turns that this seat let pass. */
  readonly missedTurns: Hex;
  /** The newest first. */
  readonly blocks: readonly { readonly number: Hex; readonly proposer: Address | null }[];
}

export const signerOf = (index: number): Address =>
  privateKeyToAccount(seatKeyOf(index)).address.toLowerCase() as Address;

export interface PoolOptions {
  /** This machine's loopback unless given. */
  readonly network?: MakeNetwork;
  /** What the machine of a seat is like. */
  readonly surroundings?: (index: number) => Surroundings;
  /** What of the L1 windows differs from the devnet's. */
  readonly windows?: WorldOptions["windows"];
  /** Options of every seat. */
  readonly node?: Partial<NodeConfig>;
  /** Makes ready what the seats will find, before any of them starts. */
  readonly prepare?: (world: World) => void | Promise<void>;
}

const seatName = (index: number): string => `seat-${index}`;

/** Folder of seat `index` in a world. */
export const folderOf = (world: World, index: number): string => join(world.folder, seatName(index));

const seatCount = 4;

/** Seats of one world, each a process that can be killed, paused and started again where it was. */
export class ProcessPool {
  readonly world: World;
  readonly #options: PoolOptions;
  readonly #running = new Map<number, NodeProcess>();
  #network: SeatNetwork | undefined;

  private constructor(world: World, options: PoolOptions) {
    this.world = world;
    this.#options = options;
  }

  /** Four seats up, over an L1 that mines every second; nothing stays when that fails. */
  static async start(options: PoolOptions = {}): Promise<ProcessPool> {
    const pool = new ProcessPool(await World.start({ seats: seatCount, windows: options.windows ?? {} }), options);
    try {
      await pool.#begin();
    } catch (error) {
      // What came first is what is told.
      await pool.stop().catch(() => undefined);
      throw error;
    }
    return pool;
  }

  async #begin(): Promise<void> {
    const { network = openLoopback, prepare } = this.#options;
    this.#network = await network(this.world, seatCount);
    await prepare?.(this.world);
    this.world.mine(1_000);
    await everyOne(Array.from({ length: seatCount }, (_, index) => this.up(index)));
  }

  get network(): SeatNetwork {
    return this.#network!;
  }

  get size(): number {
    return this.network.size;
  }

  /** Indices of the seats that run. */
  get running(): readonly number[] {
    return [...this.#running.keys()].toSorted((a, b) => a - b);
  }

  at(index: number): NodeProcess {
    const node = this.#running.get(index);
    assert.ok(node, `seat ${index} runs`);
    return node;
  }

  /** Folder of seat `index`. */
  folder(index: number): string {
    return folderOf(this.world, index);
  }

  /** Starts seat `index`, new or where it was killed. */
  async up(index: number, given: Partial<NodeConfig> = {}): Promise<NodeProcess> {
    const keyFile = join(this.world.folder, `seat-${index}.key`);
    writeFileSync(keyFile, seatKeyOf(index));
    const options = {
      "l1.pollMs": 200,
      "signer.keyFile": keyFile,
      "pool.listen": this.network.listen(index),
      "pool.peers": this.#peersOf(index),
      ...this.network.options(index),
      ...this.#options.node,
      ...given,
    };
    const surroundings = { under: this.network.under(index), ...this.#options.surroundings?.(index) };
    const node = await spawnSeat(this.world, seatName(index), options, surroundings);
    this.#running.set(index, node);
    return node;
  }

  #peersOf(index: number): readonly string[] {
    const others = [...Array(this.size).keys()].filter((other) => other !== index);
    return others.map((other) => `${signerOf(other)}@${this.network.place(index, other)}`);
  }

  async kill(index: number): Promise<void> {
    const node = this.at(index);
    this.#running.delete(index);
    await node.kill();
  }

  /** What `/healthz` of seat `index` says. */
  async health(index: number): Promise<Health> {
    const response = await fetch(`${this.at(index).url}/healthz`);
    return (await response.json()) as Health;
  }

  /** A value of `/metrics` of seat `index`; the sum over its labels. */
  async metric(index: number, name: string): Promise<number> {
    const text = await (await fetch(`${this.at(index).url}/metrics`)).text();
    const lines = text.split("\n").filter((line) => new RegExp(`^metis_${name}[ {]`).test(line));
    assert.ok(lines.length > 0, `there is a metric ${name}`);
    return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  }

  status(index: number): Promise<PoolStatus> {
    return this.at(index).rpc.request<PoolStatus>("rollup_poolStatus");
  }

  async heads(index: number): Promise<{ readonly signed: bigint; readonly safe: bigint }> {
    const { signed, safe } = await this.at(index).rpc.request<Heads>("rollup_syncStatus");
    return { signed: BigInt(signed.number), safe: BigInt(safe.number) };
  }

  /** The running seat that is furthest, `except` one. */
  async foremost(except?: number): Promise<number> {
    const seats = this.running.filter((index) => index !== except);
    const heads = await Promise.all(seats.map((index) => this.heads(index).catch(() => ({ signed: -1n }))));
    const best = heads.reduce((top, { signed }, at) => (signed > heads[top]!.signed ? at : top), 0);
    return seats[best]!;
  }

  /** The seat that leads, as the foremost sees it: one that just came back knows an old leader. */
  async leader(): Promise<number> {
    return until("somebody leads", async () => {
      const { leader } = await this.status(await this.foremost());
      const index = [...Array(this.size).keys()].findIndex((seat) => signerOf(seat) === leader?.toLowerCase());
      return this.#running.has(index) && { index };
    }).then(({ index }) => index);
  }

  /** Waits until seat `index` has signed block `number`. */
  async signed(index: number, number: bigint): Promise<void> {
    await until(`seat ${index} holds signed block ${number}`, async () => {
      const heads = await this.heads(index).catch(() => undefined);
      return heads && heads.signed >= number;
    });
  }

  blockHash(index: number, number: bigint): Promise<Hash | undefined> {
    const params = [`0x${number.toString(16)}`, false];
    return this.at(index)
      .rpc.request<{ readonly hash: Hash } | null>("eth_getBlockByNumber", params)
      .then((block) => block?.hash);
  }

  async stop(): Promise<void> {
    for (const [index, node] of this.#running) {
      node.resume();
      await this.kill(index);
    }
    this.#network?.close();
    await this.world.stop();
  }
}

/** A transfer of next to nothing, signed. */
export const signTransfer = (account: HDAccount, nonce: number): Promise<Hex> =>
  account.signTransaction({
    type: "eip1559",
    chainId: 901_088,
    nonce,
    gas: 21_000n,
    maxFeePerGas: 10n ** 12n,
    to: zeroAddress,
    value: 1n,
  });

const clock = systemClock();
/** How long one try at a seat may take: a paused one accepts connections and never answers. */
const tryMs = 1_500;

/**
 * A user with a wallet: signs transactions with rising nonces and gives each to whichever seat answers. What a seat has taken is
 * never sent again: the pool has promised to include it.
 */
export class Sender {
  readonly #pool: ProcessPool;
  readonly #account;
  readonly #stop = new AbortController();
  readonly taken: Hash[] = [];
  /** Clock milliseconds at which each was first sent. */
  readonly sentAt: number[] = [];
  readonly #firstNonce: number;
  #sending: Promise<void> = Promise.resolve();

  constructor(pool: ProcessPool, firstNonce = 0) {
    this.#pool = pool;
    this.#firstNonce = firstNonce;
    this.#account = pool.world.anvil.account(5);
  }

  start(everyMs: number): void {
    this.#sending = this.#send(everyMs);
  }

  /** Ends sending; resolves when the last transaction was taken. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#sending;
  }

  async #send(everyMs: number): Promise<void> {
    for (let nonce = this.#firstNonce; !this.#stop.signal.aborted; nonce++) {
      const raw = await signTransfer(this.#account, nonce);
      this.sentAt.push(clock.now());
      this.taken.push(await this.#give(raw, nonce));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  /** Another seat each time; the next one when that does not answer. */
  async #give(raw: Hex, nonce: number): Promise<Hash> {
    for (let tries = nonce; ; tries++) {
      const { running } = this.#pool;
      const url = running.length === 0 ? undefined : this.#pool.at(running[tries % running.length]!).url;
      const hash = url === undefined ? undefined : await give(url, raw);
      if (hash !== undefined) return hash;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Every transaction that was taken is in the chain of seat `index`, once, in the order of nonces. */
  async check(index: number): Promise<void> {
    const { rpc } = this.#pool.at(index);
    const last = this.taken.at(-1);
    assert.ok(last, "transactions were taken");
    await until("the last transaction is included", () => rpc.request("eth_getTransactionReceipt", [last]));
    let before = -1;
    for (const [nonce, hash] of this.taken.entries()) {
      const receipt = await rpc.request<{ blockNumber: Hex; transactionIndex: Hex; status: Hex } | null>(
        "eth_getTransactionReceipt",
        [hash],
      );
      assert.ok(receipt, `transaction ${nonce} was promised and is lost`);
      assert.equal(receipt.status, "0x1");
      const place = Number(receipt.blockNumber) * 100_000 + Number(receipt.transactionIndex);
      assert.ok(place > before, `transaction ${nonce} stands before ${nonce - 1}`);
      before = place;
    }
    const count = await rpc.request<Hex>("eth_getTransactionCount", [this.#account.address, "latest"]);
    assert.equal(Number(count), this.#firstNonce + this.taken.length);
  }
}

/** The hash once the seat has the transaction; nothing when it does not answer, or not for now. */
async function give(url: string, raw: Hex): Promise<Hash | undefined> {
  try {
    return await createRpcClient({ url, timeoutMs: tryMs }).request<Hash>("eth_sendRawTransaction", [raw]);
  } catch (error) {
    if (!(error instanceof RpcClientError)) throw error;
    // An earlier try was heard and its answer lost.
    if (/already known|nonce too low/.test(error.message)) return keccak256(raw);
    return undefined;
  }
}
