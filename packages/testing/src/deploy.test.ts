import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { deployL1, type DeployL1Parameters, type L1Deployment } from "@metis/node";
import { chainConfigHash, genesisConfigHash, profiles, predeploys } from "@metis/protocol";
import {
  batchInboxAbi,
  metisTokenAbi,
  proxyAdminAbi,
  stateClaimsAbi,
  systemConfigAbi,
} from "@metis/protocol/contracts";
import { keccak256, stringToHex, zeroAddress, type Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { startAnvil, type Anvil, type AnvilClient } from "./anvil.ts";
import { smallDeployment } from "./deployments.ts";

const metis = 10n ** 18n;
const user: Address = "0x00000000000000000000000000000000000a11ce";

suite("deployment of the L1 contracts", () => {
  let anvil: Anvil;
  let client: AnvilClient;
  let parameters: DeployL1Parameters;
  let deployment: L1Deployment;

  before(async () => {
    anvil = await startAnvil();
    client = anvil.client;
    parameters = smallDeployment(anvil, {
      metis: { supply: 1_000_000_000n * metis },
      balances: { [user]: 1_000n * metis },
    });
    deployment = await deployL1(parameters);
  });
  after(async () => anvil?.stop());

  test("the chain on L1 is the one in the returned configuration", async () => {
    const { contracts, chainConfig, genesisConfig } = deployment;
    const inbox = { address: contracts.batchInbox, abi: batchInboxAbi } as const;
    const systemConfig = { address: contracts.systemConfig, abi: systemConfigAbi } as const;
    assert.equal(
      await client.readContract({ ...systemConfig, functionName: "chainConfigHash" }),
      chainConfigHash(chainConfig),
    );
    assert.equal(
      await client.readContract({ ...inbox, functionName: "genesisConfigHash" }),
      genesisConfigHash(genesisConfig),
    );
    assert.equal(await client.readContract({ ...inbox, functionName: "batchCount" }), 1n);
    const rules = await client.readContract({ ...systemConfig, functionName: "chainRules" });
    assert.equal(rules.epochLength, chainConfig.epochLength);
    assert.equal(rules.genesisAnchorHash, chainConfig.genesisAnchorHash);
    assert.deepEqual(
      await client.readContract({
        address: contracts.stateClaims,
        abi: stateClaimsAbi,
        functionName: "settledOutput",
        args: [0n],
      }),
      [deployment.genesisOutputRoot, 0n],
    );
  });

  test("the deployer keeps no power: proxies and parameters belong to the timelock", async () => {
    const { contracts } = deployment;
    const owners = await Promise.all([
      client.readContract({ address: contracts.proxyAdmin, abi: proxyAdminAbi, functionName: "owner" }),
      client.readContract({ address: contracts.systemConfig, abi: systemConfigAbi, functionName: "owner" }),
    ]);
    assert.deepEqual(
      owners.map((owner) => owner.toLowerCase()),
      [contracts.timelock, contracts.timelock],
    );
    await assert.rejects(
      client.simulateContract({
        account: anvil.account(0),
        address: contracts.proxyAdmin,
        abi: proxyAdminAbi,
        functionName: "upgradeAndCall",
        args: [contracts.portal, contracts.portal, "0x"],
      }),
      /OwnableUnauthorizedAccount/,
    );
  });

  test("every METIS on L2 at genesis lies in the escrow", async () => {
    const { contracts, l2Genesis } = deployment;
    const supply = Object.values(l2Genesis.alloc).reduce((sum, account) => sum + account.balance, 0n);
    assert.equal(supply, 1_000n * metis);
    assert.equal(
      await client.readContract({
        address: contracts.metisToken,
        abi: metisTokenAbi,
        functionName: "balanceOf",
        args: [contracts.portal],
      }),
      supply,
    );
  });

  test("deploying again with the same salt and anchor changes nothing and gives the same chain", async () => {
    const height = await client.getBlockNumber();
    const again = await deployL1({ ...parameters, anchor: deployment.chainConfig.genesisAnchorNumber });
    assert.deepEqual(again.genesisConfig, deployment.genesisConfig);
    assert.equal(await client.getBlockNumber(), height);
  });

  test("another chain with the same salt is refused", async () => {
    await assert.rejects(deployL1({ ...parameters, l2ChainId: 901_089n }), { code: "already-deployed" });
  });

  test("a broken relation between parameters is refused before anything is sent", async () => {
    const height = await client.getBlockNumber();
    const l1 = { ...profiles.devnet.l1, pinWindow: profiles.devnet.l1.escapeDelay };
    const broken = { ...parameters, salt: keccak256("0x01"), profile: { ...profiles.devnet, l1 } };
    await assert.rejects(deployL1(broken), { code: "parameters-contradict" });
    assert.equal(await client.getBlockNumber(), height);
  });

  test("genesis balances that nothing backs are refused", async () => {
    const unbacked = { ...parameters, salt: keccak256("0x02"), metis: { supply: 20_010n * metis } };
    await assert.rejects(deployL1(unbacked), { code: "escrow-unfunded" });
  });

  test("seats that the pool would refuse are refused before anything is sent", async () => {
    const height = await client.getBlockNumber();
    const [seat] = parameters.seats;
    const other = { ...seat!, owner: anvil.account(5).address };
    const refused = [
      [],
      [{ ...seat!, amount: 19_999n * metis }],
      [{ ...seat!, amount: 100_001n * metis }],
      [seat!, other],
      [seat!, { ...seat!, signer: anvil.account(5) }],
      Array.from({ length: 51 }, () => seat!),
    ];
    for (const seats of refused)
      await assert.rejects(deployL1({ ...parameters, salt: keccak256("0x05"), seats }), { code: "seats-invalid" });
    assert.equal(await client.getBlockNumber(), height);
  });

  test("a chain starts with as many seats as fit one transaction", async () => {
    const seats = Array.from({ length: 50 }, (_, i) => {
      const signer = privateKeyToAccount(keccak256(stringToHex(`signer ${i}`)));
      const owner = privateKeyToAccount(keccak256(stringToHex(`owner ${i}`))).address;
      return { owner, amount: 20_000n * metis, signer };
    });
    const many = await deployL1({ ...parameters, salt: keccak256("0x06"), seats });
    assert.equal(many.sequencers.length, profiles.devnet.l1.maxSeats);
  });

  test("seats whose stake nobody has are refused", async () => {
    const unfunded = { ...parameters, salt: keccak256("0x04"), metis: { supply: 10n * metis } };
    await assert.rejects(deployL1(unfunded), { code: "stakes-unfunded" });
  });

  test("a genesis cannot fund one of its contracts", async () => {
    const balances = { [predeploys.l1Block]: 1n, [zeroAddress]: 1n };
    await assert.rejects(deployL1({ ...parameters, salt: keccak256("0x03"), balances }), RangeError);
  });
});
