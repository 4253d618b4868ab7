import assert from "node:assert/strict";
import { test } from "node:test";
import { profiles } from "@metis/protocol";
import { keccak256 } from "viem";
import { planDeployment, proxiedNames, type PlanParameters } from "./plan.ts";

const parameters: PlanParameters = {
  profile: profiles.devnet,
  salt: keccak256("0x01"),
  deployer: "0x00000000000000000000000000000000000000d1",
  governors: ["0x00000000000000000000000000000000000000c1"],
  metis: { supply: 10n ** 27n },
};

test("no address of a contract depends on an implementation", () => {
  const devnet = planDeployment(parameters);
  // Another timelock delay and other bounds: the implementation of SystemConfig differs, its address does not.
  const mainnet = planDeployment({ ...parameters, profile: profiles.mainnet });
  assert.notEqual(devnet.implementations.systemConfig, mainnet.implementations.systemConfig);
  for (const name of proxiedNames) assert.equal(devnet.contracts[name], mainnet.contracts[name], name);
});

test("another salt or another deployer names other contracts", () => {
  const names = (plan: PlanParameters): readonly string[] => Object.values(planDeployment(plan).contracts);
  const other = new Set([
    ...names({ ...parameters, salt: keccak256("0x02") }),
    ...names({ ...parameters, deployer: "0x00000000000000000000000000000000000000d2" }),
  ]);
  const same = names(parameters).filter((address) => other.has(address));
  // The timelock does not know the deployer.
  assert.deepEqual(same, [planDeployment(parameters).contracts.timelock]);
});

test("METIS that is there already is used, and none is made", () => {
  const token = "0x00000000000000000000000000000000000000ee";
  const plan = planDeployment({ ...parameters, metis: { token } });
  assert.equal(plan.contracts.metisToken, token);
  assert.ok(plan.creations.every(({ name }) => name !== "metisToken"));
});

test("every contract is created once", () => {
  const { creations } = planDeployment(parameters);
  assert.equal(new Set(creations.map(({ address }) => address)).size, creations.length);
  assert.equal(creations.length, 4 + 2 * proxiedNames.length);
});
