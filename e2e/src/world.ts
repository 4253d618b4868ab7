// An L1 with the contracts, and nodes over it in this process: what scripted tests of a whole chain stand on.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { announceEscape, ClientError, escape, getEscapeStatus } from "@metis/client";
import { createNode, deployL1, nodeOptions } from "@metis/node";
import type { L1Deployment, MetisNode, NodeConfig } from "@metis/node";
import { profiles } from "@metis/protocol";
import type { ChainConfig } from "@metis/protocol";
import { metisTokenAbi, portalAbi } from "@metis/protocol/contracts";
import { createLogger, everyOne, silentLogger } from "@metis/runtime";
import { smallDeployment, startAnvil } from "@metis/testing";
import type { Anvil } from "@metis/testing";
import { createPublicClient, createWalletClient, defineChain, http, numberToHex, parseEther } from "viem";
import type { Address, Chain, Hash, HDAccount, Hex, HttpTransport, PublicClient, WalletClient } from "viem";
import { privateKeyToAccount } from "viem/accounts";

export const metis = 10n ** 18n;
export const seatKey: Hex = `0x${"42".repeat(32)}`;
/** The key of seat `index`; `seatKey` is that of seat 0. */
export const seatKeyOf = (index: number): Hex => `0x${(0x42 + index).toString(16).repeat(32)}`;

export interface WorldOptions {
  /** Seats of the pool, 20,000 METIS each; one unless given. */
  readonly seats?: number;
  readonly chain?: Partial<ChainConfig>;
  /** L1's finalized block lies twice as many below its head. */
  readonly slotsInAnEpoch?: number;
  /** L1 windows that differ from the devnet's, seconds. */
  readonly windows?: Partial<(typeof profiles)["devnet"]["l1"]>;
  /** METIS wei in the reserve that pays rewards; seats have METIS on L2 then, to report epochs. */
  readonly emissionReserve?: bigint;
}

export interface L2Clients {
  readonly reader: PublicClient<HttpTransport, Chain>;
  readonly wallet: WalletClient<HttpTransport, Chain, HDAccount>;
}

/** Polls `probe` until it gives something; the test runner's own limit ends what never does. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    const found = await probe();
    if (found !== undefined && found !== null && found !== false) return found;
    if (tries > 4_000) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One L1, its deployment, and the nodes started on it. */
export class World {
  readonly anvil: Anvil;
  readonly deployment: L1Deployment;
  readonly folder = mkdtempSync(join(tmpdir(), "metis-world-"));
  readonly #nodes = new Set<MetisNode>();
  readonly #seats = new Map<Address, MetisNode>();
  #ticker: NodeJS.Timeout | undefined;
  #mining: Promise<unknown> = Promise.resolve();

  private constructor(anvil: Anvil, deployment: L1Deployment) {
    this.anvil = anvil;
    this.deployment = deployment;
    writeFileSync(join(this.folder, "seat.key"), seatKey);
  }

  /** Starts the node of seat `index`, linked with the seats that run. */
  async seat(index: number, given: Partial<NodeConfig> = {}): Promise<MetisNode> {
    const keyFile = join(this.folder, `seat-${index}.key`);
    writeFileSync(keyFile, seatKeyOf(index));
    const node = await this.node(`seat-${index}`, { role: "sequencer", "signer.keyFile": keyFile, ...given });
    const address = privateKeyToAccount(seatKeyOf(index)).address.toLowerCase() as Address;
    this.#seats.set(address, node);
    for (const [other, { mesh }] of this.#seats) {
      if (other === address) continue;
      mesh?.addPeer({ address, host: "127.0.0.1", port: node.mesh?.port ?? 0 });
      node.mesh?.addPeer({ address: other, host: "127.0.0.1", port: mesh?.port ?? 0 });
    }
    return node;
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const anvil = await startAnvil({ slotsInAnEpoch: options.slotsInAnEpoch ?? 1 });
    try {
      return new World(anvil, await deploy(anvil, options));
    } catch (error) {
      await anvil.stop();
      throw error;
    }
  }

  /** Mines one L1 block a second of L1 time, every `everyMs` of ours. */
  mine(everyMs = 50): void {
    this.#ticker ??= setInterval(() => this.#queue(() => this.mineOne()), everyMs);
  }

  async pauseMining(): Promise<void> {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    await this.#mining.catch(() => undefined);
  }

  async mineOne(): Promise<void> {
    const { client } = this.anvil;
    const { timestamp } = await client.getBlock({ blockTag: "latest" });
    await client.setNextBlockTimestamp({ timestamp: timestamp + 1n });
    await client.mine({ blocks: 1 });
  }

  #queue(job: () => Promise<unknown>): void {
    this.#mining = this.#mining.then(job, job).catch(() => undefined);
  }

  options(name: string, given: Partial<NodeConfig> = {}): NodeConfig {
    return nodeOptions({
      dataDir: join(this.folder, name),
      "l1.rpc": this.anvil.url,
      "l1.beacon": [this.anvil.url],
      "l1.pollMs": 40,
      "proposer.intervalMs": 200,
      "batcher.dataMode": "calldata",
      // L1's clock is moved in leaps here; tests of handovers ask for them.
      "pool.handover": false,
      ...given,
    });
  }

  /** Starts a node on folder `name`; stopped with the world. */
  async node(name: string, given: Partial<NodeConfig> = {}): Promise<MetisNode> {
    const level = process.env["METIS_TEST_LOG"];
    const logger = level === undefined ? silentLogger() : createLogger({ level: level as "info", format: "pretty" });
    const node = createNode(this.options(name, given), {
      logger: logger.child({ node: name }),
      deployment: this.deployment,
    });
    this.#nodes.add(node);
    await node.start().catch(async (error: unknown) => {
      await this.stopNode(node);
      throw error;
    });
    return node;
  }

  sequencer(name = "sequencer", given: Partial<NodeConfig> = {}): Promise<MetisNode> {
    return this.node(name, { role: "sequencer", "signer.keyFile": join(this.folder, "seat.key"), ...given });
  }

  async stopNode(node: MetisNode): Promise<void> {
    this.#nodes.delete(node);
    for (const [address, seat] of this.#seats) if (seat === node) this.#seats.delete(address);
    await node.stop();
  }

  /** viem clients of a node; the wallet is a funded account. */
  clients(node: Pick<MetisNode, "rpcUrl">): L2Clients {
    const chain = defineChain({
      id: 901_088,
      name: "Metis test",
      nativeCurrency: { name: "METIS", symbol: "METIS", decimals: 18 },
      rpcUrls: { default: { http: [node.rpcUrl] } },
    });
    const transport = http(node.rpcUrl, { retryCount: 0 });
    const options = { chain, transport, cacheTime: 0, pollingInterval: 30 } as const;
    return {
      reader: createPublicClient(options),
      wallet: createWalletClient({ ...options, account: this.anvil.account(5) }),
    };
  }

  /** Deposits METIS for `to` by the Portal; resolves when L1 has mined it. */
  async deposit(to: Address, amount: bigint): Promise<void> {
    const { client } = this.anvil;
    const { metisToken, portal } = this.deployment.contracts;
    const account = this.anvil.account(0);
    const approve = {
      address: metisToken,
      abi: metisTokenAbi,
      functionName: "approve",
      args: [portal, amount],
    } as const;
    const approved = await client.writeContract({ ...approve, account });
    await this.#send(approved);
    const hash = await client.writeContract({
      address: portal,
      abi: portalAbi,
      functionName: "depositTransaction",
      args: [to, amount, amount, 100_000n, false, "0x"],
      account,
      gas: 1_000_000n,
    });
    await this.#send(hash);
  }

  /** Moves L1's clock on by one block. */
  async increaseTime(seconds: number): Promise<void> {
    await this.leap(seconds);
    this.mine();
  }

  /**
   * Moves L1's clock on by one block, the last one until `mine` is called. L1's clock runs faster than ours here, and blocks are
   * not made ahead of both: this is how many seconds of blocks there is room for while L1 stands still.
   */
  async leap(seconds: number): Promise<void> {
    const { client } = this.anvil;
    await this.pauseMining();
    const { timestamp } = await client.getBlock({ blockTag: "latest" });
    await client.setNextBlockTimestamp({ timestamp: timestamp + BigInt(seconds) });
    await client.mine({ blocks: 1 });
  }

  /**
   * What `metis escape --wait` does, with L1's clock moved on: a batch that lands in between makes the announcement void, and it
   * begins again.
   */
  async escape(): Promise<void> {
    const { client } = this.anvil;
    const { contracts } = this.deployment;
    const options = { account: this.anvil.account(7), contracts };
    const carriedOut = async (hash: Hash): Promise<boolean> =>
      (await client.waitForTransactionReceipt({ hash })).status === "success";
    await until("an escape is carried out", async () => {
      const state = await getEscapeStatus(client, { contracts });
      if (state.status === "no-cause") await this.increaseTime(state.secondsUntilCause + 1);
      if (state.status === "announced") await this.increaseTime(state.secondsLeft + 1);
      if (state.status === "may-be-announced") await carriedOut(await announceEscape(client, options));
      if (state.status !== "ready") return false;
      try {
        return await carriedOut(await escape(client, options));
      } catch (error) {
        if (error instanceof ClientError && error.code === "contract-refused") return false;
        throw error;
      }
    });
  }

  async #send(hash: Hash): Promise<void> {
    const { status } = await this.anvil.client.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`L1 refused transaction ${hash}`);
  }

  /** Reorganises the last `depth` L1 blocks into empty others, with L1's clock going on. */
  async reorg(depth: number): Promise<void> {
    const { client } = this.anvil;
    await this.pauseMining();
    const { timestamp } = await client.getBlock({ blockTag: "latest" });
    await client.request({ method: "anvil_reorg", params: [depth, []] } as never);
    await client.request({ method: "evm_setTime", params: [numberToHex(timestamp + 1n)] } as never);
    await client.setNextBlockTimestamp({ timestamp: timestamp + 1n });
    await client.mine({ blocks: 1 });
    this.mine();
  }

  async stop(): Promise<void> {
    await this.pauseMining();
    try {
      await everyOne([...this.#nodes].map((node) => node.stop()));
    } finally {
      await this.anvil.stop();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The contracts of a pool with the seats that `options` say, who can pay for what they do. */
async function deploy(anvil: Anvil, options: WorldOptions): Promise<L1Deployment> {
  const { devnet } = profiles;
  const profile = {
    ...devnet,
    chain: { ...devnet.chain, ...options.chain },
    l1: { ...devnet.l1, ...options.windows },
  };
  const seats = Array.from({ length: options.seats ?? 1 }, (_, index) => privateKeyToAccount(seatKeyOf(index)));
  const { emissionReserve = 0n } = options;
  const payers = seats.map(({ address }) => [address, 10n * metis] as const).filter(() => emissionReserve > 0n);
  const deployment = await deployL1(
    smallDeployment(anvil, {
      profile,
      metis: { supply: 1_000_000_000n * metis },
      permissionless: true,
      seats: seats.map((signer) => ({ owner: signer.address, amount: 20_000n * metis, signer })),
      emissionReserve,
      balances: { [anvil.account(5).address]: 100_000n * metis, ...Object.fromEntries(payers) },
    }),
  );
  for (const { address } of seats) await anvil.client.setBalance({ address, value: parseEther("1000") });
  return deployment;
}
