import {
  createPublicClient,
  createWalletClient,
  type Account,
  type Address,
  type Hash,
  type Hex,
  type PublicClient,
  type Transport,
  type WalletClient,
} from "viem";
import { DeployError } from "./errors.ts";

/** A transaction of the deployment, with words for the person who watches it. */
export interface DeployStep {
  readonly what: string;
  readonly to: Address;
  readonly data: Hex;
}

/** Margin over the estimate, in percent: state may change between the two. */
const gasMargin = 25n;
const confirmationTimeout = 600_000;

/** Sends the deployer's transactions, those of one phase side by side. */
export class DeploySender {
  readonly client: PublicClient;
  readonly #wallet: WalletClient;
  readonly #account: Account;
  readonly #onStep: (what: string) => void;

  constructor(transport: Transport, account: Account, onStep: (what: string) => void) {
    this.client = createPublicClient({ transport, cacheTime: 0, pollingInterval: 50 });
    this.#wallet = createWalletClient({ transport, account });
    this.#account = account;
    this.#onStep = onStep;
  }

  get address(): Address {
    return this.#account.address;
  }

  /**
   * Sends `steps`, none of which needs another one mined before, and waits for all of them.
   * Throws `DeployError` "deployment-reverted" for the first that fails.
   */
  async phase(steps: readonly DeployStep[]): Promise<void> {
    if (steps.length === 0) return;
    const { client } = this;
    const [chainId, nonce, fees, gas] = await Promise.all([
      client.getChainId(),
      client.getTransactionCount({ address: this.address, blockTag: "pending" }),
      client.estimateFeesPerGas(),
      Promise.all(steps.map((step) => this.#estimate(step))),
    ]);
    const hashes: Hash[] = [];
    for (const [i, step] of steps.entries()) {
      const serialized = await this.#wallet.signTransaction({
        account: this.#account,
        chain: null,
        type: "eip1559",
        chainId,
        nonce: nonce + i,
        gas: gas[i]!,
        to: step.to,
        data: step.data,
        ...fees,
      });
      hashes.push(await client.sendRawTransaction({ serializedTransaction: serialized }));
    }
    await Promise.all(hashes.map((hash, i) => this.#confirmed(hash, steps[i]!)));
  }

  async #estimate(step: DeployStep): Promise<bigint> {
    try {
      const gas = await this.client.estimateGas({ account: this.address, to: step.to, data: step.data });
      return (gas * (100n + gasMargin)) / 100n;
    } catch (error) {
      throw failed(step, error);
    }
  }

  async #confirmed(hash: Hash, step: DeployStep): Promise<void> {
    // Looking for a replacement, viem would pass over the block that comes meanwhile, and an L1 that automines makes no other.
    const wait = { hash, timeout: confirmationTimeout, checkReplacement: false };
    const receipt = await this.client.waitForTransactionReceipt(wait);
    if (receipt.status !== "success") throw failed(step, `transaction ${hash} reverted`);
    this.#onStep(step.what);
  }
}

const failed = (step: DeployStep, cause: unknown): DeployError =>
  new DeployError(
    "deployment-reverted",
    `${step.what} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      step: step.what,
    },
  );
