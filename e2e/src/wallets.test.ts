// Tools of the field against a devnet, as they come.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { metisTokenAbi, metisTokenBytecode } from "@metis/protocol/contracts";
import { cast, counterBytecode, devnetFolder, startDevnet, type RunningDevnet } from "@metis/testing";
import { ContractFactory, JsonRpcProvider, Wallet, WebSocketProvider, type BaseContract } from "ethers";
import {
  createPublicClient,
  createWalletClient,
  defineChain,
  getContract,
  http,
  parseEther,
  webSocket,
  type Address,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

suite("wallets and tools, unchanged", () => {
  const folder = devnetFolder();
  let devnet: RunningDevnet;
  let url: string;
  let keys: readonly Hex[];
  const bob: Address = "0x0000000000000000000000000000000000000b0b";

  before(async () => {
    devnet = await startDevnet(folder.dataDir);
    url = devnet.summary.l2.rpc[0]!;
    keys = devnet.summary.accounts.map(({ privateKey }) => privateKey);
  });
  after(async () => {
    await devnet?.stop();
    folder.remove();
  });

  test("cast sends, deploys and reads", async () => {
    const common = ["--rpc-url", url, "--private-key", keys[0]!, "--json"];
    const sent = JSON.parse(await cast("send", ...common, bob, "--value", "1ether")) as { status: string };
    assert.equal(sent.status, "0x1");
    assert.equal(await cast("balance", "--rpc-url", url, bob), parseEther("1").toString());
    const created = JSON.parse(await cast("send", ...common, "--create", counterBytecode)) as {
      contractAddress: string;
    };
    assert.equal(BigInt(await cast("call", "--rpc-url", url, created.contractAddress, "0x")), 1n);
  });

  test("viem deploys, writes, reads, and hears of blocks over WebSocket", async () => {
    const chain = defineChain({
      id: devnet.summary.l2.chainId,
      name: "Metis devnet",
      nativeCurrency: { name: "METIS", symbol: "METIS", decimals: 18 },
      rpcUrls: { default: { http: [url] } },
    });
    const reader = createPublicClient({ chain, transport: http(), pollingInterval: 100 });
    const account = privateKeyToAccount(keys[1]!);
    const wallet = createWalletClient({ account, chain, transport: http() });
    const socket = createPublicClient({ chain, transport: webSocket(url.replace("http", "ws")) });
    const heard = Promise.withResolvers<bigint>();
    const unwatch = socket.watchBlockNumber({ onBlockNumber: (number) => heard.resolve(number) });

    const hash = await wallet.deployContract({
      abi: metisTokenAbi,
      bytecode: metisTokenBytecode,
      args: [account.address, 100n],
    });
    const { contractAddress } = await reader.waitForTransactionReceipt({ hash });
    const token = getContract({ address: contractAddress!, abi: metisTokenAbi, client: { public: reader, wallet } });
    await reader.waitForTransactionReceipt({ hash: await token.write.transfer([bob, 40n]) });
    assert.equal(await token.read.balanceOf([bob]), 40n);
    const transfers = await token.getEvents.Transfer({ to: bob }, { fromBlock: 0n });
    assert.equal(transfers[0]?.args.value, 40n);
    await assert.rejects(token.simulate.transfer([bob, 61n], { account }), /ERC20InsufficientBalance/);
    assert.ok((await heard.promise) > 0n);
    unwatch();
    (await socket.transport.getRpcClient()).close();
  });

  test("ethers deploys, writes, reads, and hears of events over WebSocket", async () => {
    const provider = new JsonRpcProvider(url);
    const socket = new WebSocketProvider(url.replace("http", "ws"));
    const wallet = new Wallet(keys[2]!, provider);
    const factory = new ContractFactory(metisTokenAbi, metisTokenBytecode, wallet);
    const token = (await (await factory.deploy(wallet.address, 100n)).waitForDeployment()) as BaseContract & {
      transfer(to: string, amount: bigint): Promise<{ wait(): Promise<{ status: number } | null> }>;
      balanceOf(holder: string): Promise<bigint>;
    };
    const block = new Promise<number>((resolve) => {
      void socket.once("block", resolve);
    });
    const receipt = await (await token.transfer(bob, 7n)).wait();
    assert.equal(receipt?.status, 1);
    assert.equal(await token.balanceOf(bob), 7n);
    assert.ok((await block) > 0);
    await socket.destroy();
    provider.destroy();
  });
});
