import type { TestContext } from "node:test";
import {
  createRpcClient,
  JsonRpcServer,
  MethodRegistry,
  seededRng,
  silentLogger,
  type RpcClient,
} from "@metis/runtime";
import type { MempoolService } from "../mempool/mempool.ts";
import type { TestChain } from "./chain.fixture.ts";
import { ethOptions, type EthOptions } from "./context.ts";
import { EthApi } from "./ethApi.ts";

export interface CallError {
  readonly code: number | undefined;
  readonly message: string;
  readonly data: unknown;
}

export interface Served {
  readonly url: string;
  readonly rpc: RpcClient;
  readonly api: EthApi;
  readonly pool: MempoolService;
  /** The error that a call is answered with. */
  readonly error: (method: string, params: readonly unknown[]) => Promise<CallError>;
}

/** Serves `chain` with a mempool over HTTP and WebSocket until the test ends. */
export async function serve(t: TestContext, chain: TestChain, options: Partial<EthOptions> = {}): Promise<Served> {
  const pool = chain.mempool();
  const api = new EthApi({
    reader: chain.mvm.reader,
    heads: chain.heads,
    chainId: chain.chainId,
    clock: chain.clock,
    rng: seededRng(1),
    logger: silentLogger(),
    options: ethOptions(options),
    clientVersion: "metis/0.0.0/test",
    pure: false,
    mempool: pool,
  });
  const server = new JsonRpcServer({ registry: new MethodRegistry().addAll(api.methods) });
  const services = [pool, api, server];
  for (const service of services) await service.start();
  t.after(async () => {
    for (const service of services.toReversed()) await service.stop();
  });
  const rpc = createRpcClient({ url: server.url });
  return {
    url: server.url,
    rpc,
    api,
    pool,
    async error(method, params) {
      const [outcome] = await rpc.batch([{ method, params }]);
      if (!outcome || !("error" in outcome)) throw new Error(`${method} was answered with ${JSON.stringify(outcome)}`);
      const { message, payload } = outcome.error;
      return { code: payload.rpcCode, message: message.replace(`${method}: `, ""), data: payload.data };
    },
  };
}
