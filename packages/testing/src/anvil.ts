import { startAnvil as startProcess, systemClock, type AnvilOptions as ProcessOptions } from "@metis/runtime";
import { createTestClient, http, publicActions, walletActions } from "viem";
import type { Chain, Client, HDAccount, PublicActions, TestActions, Transport, WalletActions } from "viem";
import { foundry } from "viem/chains";
import { devAccount } from "./accounts.ts";
import { endWithUs } from "./children.ts";

/** A client for everything that can be done to an anvil. */
export type AnvilClient = Client<
  Transport,
  Chain,
  undefined,
  undefined,
  TestActions & PublicActions<Transport, Chain> & WalletActions<Chain>
>;

/** An L1 with Osaka's rules that mines each transaction at once until it is told otherwise. */
export interface Anvil {
  readonly url: string;
  readonly port: number;
  readonly client: AnvilClient;
  /** Funded with ETH for an index below 10. */
  account(index: number): HDAccount;
  /** Asks it to end, so that `state` is written, and waits for it. Idempotent. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

/** Starts anvil on a free port and resolves once it listens. The caller stops it. */
export async function startAnvil(options: Partial<ProcessOptions> = {}): Promise<Anvil> {
  const exited = Promise.withResolvers<void>();
  const anvil = await startProcess(
    { port: 0, chainId: BigInt(foundry.id), slotsInAnEpoch: 32, onExit: () => exited.resolve(), ...options },
    systemClock(),
  );
  endWithUs(anvil.process);
  return {
    url: anvil.url,
    port: anvil.port,
    client: anvilClient(anvil),
    account: devAccount,
    stop: () => anvil.stop(),
    kill: async () => {
      anvil.process.kill("SIGKILL");
      await exited.promise;
    },
  };
}

/** Nothing is cached, answers are polled for quickly. */
export const anvilClient = ({ url }: { readonly url: string }): AnvilClient =>
  createTestClient({ chain: foundry, mode: "anvil", transport: http(url), cacheTime: 0, pollingInterval: 20 })
    .extend(publicActions)
    .extend(walletActions);
