import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { openMvm, type Mvm } from "@metis/mvm";
import { buildL2Genesis, implementationOf, permit2Runtime } from "@metis/node";
import { applyAlias, predeploys, profiles, type ChainConfig } from "@metis/protocol";
import {
  feeVaultAbi,
  gasPriceOracleAbi,
  l1BlockAbi,
  l2CrossDomainMessengerAbi,
  l2StandardBridgeAbi,
  l2ToL1MessagePasserAbi,
  metisETHAbi,
  proxyAdminAbi,
} from "@metis/protocol/contracts";
import { decodeFunctionResult, encodeFunctionData, keccak256, type Abi, type Address, type Hex } from "viem";
import { sealGenesisByOracle } from "./genesisOracle.ts";

const metis = 10n ** 18n;
const user: Address = "0x00000000000000000000000000000000000a11ce";
const admin: Address = "0x00000000000000000000000000000000000ad314";
const l1 = {
  messenger: "0x00000000000000000000000000000000000e55e4",
  standardBridge: "0x0000000000000000000000000000000000b41d9e",
  emissionReserve: "0x00000000000000000000000000000000004e5e47",
} as const;
const chainConfig: ChainConfig = {
  ...profiles.devnet.chain,
  l1ChainId: 31_337n,
  l2ChainId: 901_088n,
  genesisAnchorNumber: 7n,
  genesisAnchorHash: keccak256("0x07"),
  genesisAnchorTime: 1_700_000_000n,
};
const genesis = buildL2Genesis({
  chainConfig,
  anchor: {
    baseFeePerGas: 11n,
    excessBlobGas: 0n,
    mixHash: keccak256("0x08"),
    parentBeaconBlockRoot: keccak256("0x09"),
  },
  l1,
  admin,
  balances: { [user]: 3n * metis },
});

suite("genesis of L2", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "metis-genesis-"));
  let mvm: Mvm;
  before(async () => (mvm = await openMvm({ dataDir, genesis })));
  after(async () => {
    await mvm.close();
    rmSync(dataDir, { recursive: true });
  });

  async function read(to: Address, abi: Abi, functionName: string, args: readonly unknown[] = []): Promise<unknown> {
    const answer = await mvm.reader.call({ to, data: encodeFunctionData({ abi, functionName, args }) }, "latest");
    assert.ok(answer.status === "success", `${functionName} of ${to}`);
    const data = answer.output;
    const result: unknown = decodeFunctionResult({ abi, functionName, data, args });
    return typeof result === "string" ? result.toLowerCase() : result;
  }

  test("the kernel and ethereumjs agree on the hash and the roots of block 0", async () => {
    const expected = await sealGenesisByOracle(genesis);
    const block = await mvm.reader.block(0n);
    assert.equal(block?.hash, expected.blockHash);
    assert.equal(
      (await mvm.reader.account(predeploys.l2ToL1MessagePasser, 0n))?.storageRoot,
      expected.messagePasserStorageRoot,
    );
  });

  test("L1Block shows the genesis anchor", async () => {
    const shown = async (name: string): Promise<unknown> => read(predeploys.l1Block, l1BlockAbi, name);
    assert.deepEqual(
      await Promise.all(
        ["number", "timestamp", "basefee", "hash", "blobBaseFee", "rate", "rateTime", "randao"].map(shown),
      ),
      [
        chainConfig.genesisAnchorNumber,
        chainConfig.genesisAnchorTime,
        11n,
        chainConfig.genesisAnchorHash,
        1n,
        chainConfig.initialRate,
        chainConfig.genesisAnchorTime,
        keccak256("0x08"),
      ],
    );
  });

  test("predeploys are told their parameters by storage alone", async () => {
    const { gasPriceOracle, l1FeeVault, l2CrossDomainMessenger, l2StandardBridge, metisEth } = predeploys;
    assert.equal(await read(l2CrossDomainMessenger, l2CrossDomainMessengerAbi, "otherMessenger"), l1.messenger);
    assert.equal(await read(l2StandardBridge, l2StandardBridgeAbi, "otherBridge"), l1.standardBridge);
    assert.equal(await read(gasPriceOracle, gasPriceOracleAbi, "baseFeeScalar"), chainConfig.l1BaseFeeScalar);
    assert.equal(await read(gasPriceOracle, gasPriceOracleAbi, "blobBaseFeeScalar"), chainConfig.l1BlobBaseFeeScalar);
    assert.equal(await read(l1FeeVault, feeVaultAbi, "recipient"), predeploys.metisSequencerSet);
    assert.equal(await read(metisEth, metisETHAbi, "symbol"), "eth");
    assert.equal(await read(predeploys.l2ToL1MessagePasser, l2ToL1MessagePasserAbi, "messageNonce"), 1n << 240n);
  });

  test("proxies obey the ProxyAdmin, which obeys the alias of the admin on L1", async () => {
    assert.equal(await read(predeploys.proxyAdmin, proxyAdminAbi, "owner"), applyAlias(admin));
    const upgrade = encodeFunctionData({
      abi: proxyAdminAbi,
      functionName: "upgradeAndCall",
      args: [predeploys.l1Block, implementationOf(predeploys.gasPriceOracle), "0x"],
    });
    const as = async (from: Address): Promise<string> =>
      (await mvm.reader.call({ from, to: predeploys.proxyAdmin, data: upgrade }, "latest")).status;
    assert.deepEqual([await as(applyAlias(admin)), await as(admin), await as(user)], ["success", "revert", "revert"]);
  });

  test("the oracle's L1 fee is the one the kernel charges", async () => {
    const transactions: Hex[] = ["0x02f8", `0x02${"ab".repeat(300)}`, `0x02${keccak256("0x01").slice(2).repeat(40)}`];
    for (const transaction of transactions)
      assert.equal(
        await read(predeploys.gasPriceOracle, gasPriceOracleAbi, "getL1Fee", [transaction]),
        await mvm.reader.l1Fee(transaction, "latest"),
      );
  });

  test("Permit2's domain separator is the one its constructor would have cached", async () => {
    const abi = [
      {
        type: "function",
        name: "DOMAIN_SEPARATOR",
        inputs: [],
        outputs: [{ type: "bytes32" }],
        stateMutability: "view",
      },
    ] as const;
    const separator = await read(predeploys.permit2, abi, "DOMAIN_SEPARATOR");
    assert.ok(permit2Runtime(901_088n).includes((separator as string).slice(2)));
    // Another chain id than the cached one makes Permit2 compute the separator: it must come to the same.
    const other = permit2Runtime(1n);
    const computed = await mvm.reader.call(
      { to: predeploys.permit2, data: encodeFunctionData({ abi, functionName: "DOMAIN_SEPARATOR" }) },
      "latest",
      { stateOverrides: { [predeploys.permit2]: { code: other } } },
    );
    assert.equal(computed.status === "success" && computed.output, separator);
  });
});
