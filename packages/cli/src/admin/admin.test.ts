import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { deployL1, encodeDeployment, type L1Deployment } from "@metis/node";
import { smallDeployment, startAnvil, type Anvil } from "@metis/testing";
import { keccak256, numberToHex, parseEther, slice, stringToHex, zeroHash, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import type { Io } from "../io.ts";
import { run } from "../program.ts";
import { parseValue } from "./values.ts";

interface Said {
  readonly exit: number;
  readonly said: Record<string, unknown>;
}
interface Shown {
  readonly guardian: string;
  readonly council: string;
  readonly paused: boolean;
  readonly permissionless: boolean;
  readonly delay: string;
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly proposals: readonly { readonly id: string; readonly state: string }[];
}

/** ERC-1967: keccak256("eip1967.proxy.implementation") - 1. */
const implementationSlot = numberToHex(BigInt(keccak256(stringToHex("eip1967.proxy.implementation"))) - 1n, {
  size: 32,
});

test("values have units, and nothing is rounded", () => {
  const values = { "7d": 604_800n, "90s": 90n, "20000METIS": 20_000n * 10n ** 18n, "0.5gwei": 500_000_000n };
  for (const [text, value] of Object.entries({ ...values, "12.5%": 1_250n, "42": 42n }))
    assert.equal(parseValue("name", text), value);
  for (const text of ["", "1.5d", "-1", "0x10", "1 d", "0.123%", "7w", "1."])
    assert.throws(() => parseValue("name", text), { code: "usage" });
});

suite("metis admin", () => {
  const folder = mkdtempSync(join(tmpdir(), "metis-admin-"));
  let anvil: Anvil;
  let deployment: L1Deployment;
  const keys: Record<string, string> = {};

  before(async () => {
    anvil = await startAnvil();
    const addresses: Record<string, `0x${string}`> = {};
    for (const name of ["governor", "guardian", "anybody"]) {
      const key = generatePrivateKey();
      keys[name] = join(folder, `${name}.key`);
      writeFileSync(keys[name], key);
      addresses[name] = privateKeyToAddress(key);
      await anvil.client.setBalance({ address: addresses[name], value: parseEther("10") });
    }
    deployment = await deployL1(
      smallDeployment(anvil, {
        governors: [addresses["governor"]!],
        guardian: addresses["guardian"]!,
        permissionless: false,
      }),
    );
    writeFileSync(join(folder, "deployment.json"), encodeDeployment(deployment));
  });
  after(async () => {
    await anvil?.stop();
    rmSync(folder, { recursive: true });
  });

  const admin = async (as: string | undefined, ...args: readonly string[]): Promise<Said> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    const chain = ["--l1-rpc", anvil.url, "--deployment", join(folder, "deployment.json"), "--json"];
    const key = as === undefined ? [] : ["--key-file", keys[as]!];
    const exit = await run(["admin", ...args, ...chain, ...key], io);
    return { exit, said: JSON.parse(lines[0] ?? "{}") as Record<string, unknown> };
  };
  const passed = async (result: Promise<Said>): Promise<Record<string, unknown>> => {
    const { exit, said } = await result;
    assert.equal(exit, 0, JSON.stringify(said));
    return said;
  };
  const refused = async (result: Promise<Said>, code: string, message: RegExp): Promise<void> => {
    const { exit, said } = await result;
    assert.notEqual(exit, 0);
    const error = said["error"] as { code: string; message: string };
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  };
  const show = async (): Promise<Shown> => (await passed(admin(undefined, "show"))) as unknown as Shown;
  const propose = async (...words: readonly string[]): Promise<Hex> =>
    (await passed(admin("governor", "propose", ...words)))["id"] as Hex;
  const pass = async (seconds: number): Promise<void> => {
    await anvil.client.increaseTime({ seconds });
    await anvil.client.mine({ blocks: 1 });
  };
  /** Proposed, waited for, carried out by anybody. */
  const govern = async (...words: readonly string[]): Promise<void> => {
    const id = await propose(...words);
    await pass(Number((await show()).delay));
    await passed(admin("anybody", "execute", id));
  };

  test("a change is announced by a governor, waits, and is carried out by anybody, once", async () => {
    const old = (await show()).parameters;
    const id = await propose("set", "pauseWindow=31s", "maxSeats=12", "rate=15%");
    assert.deepEqual((await show()).parameters, old);
    await refused(admin("anybody", "execute", id), "proposal-waiting", /may be executed in .*--wait/);
    await pass(Number((await show()).delay));
    await passed(admin("anybody", "execute", id, "--wait"));
    const { parameters, proposals } = await show();
    assert.deepEqual(parameters, {
      ...old,
      order: { ...old["order"], pauseWindow: 31 },
      staking: { ...old["staking"], maxSeats: 12 },
      rewards: { ...old["rewards"], rate: 1500 },
    });
    assert.equal(proposals.find((proposal) => proposal.id === id)?.state, "done");
    await refused(admin("anybody", "execute", id), "proposal-done", /done already/);
  });

  test("what a contract would refuse is not even announced, and is said in words", async () => {
    const { proposals } = await show();
    const governor = (...words: readonly string[]) => admin("governor", "propose", ...words);
    await refused(governor("set", "pauseWindow=8d"), "out-of-bounds", /pauseWindow would be 691200.*5 to 604800/);
    await refused(governor("set", "pinWindow=1d"), "relation-broken", /pinWindow<escapeDelay/);
    await refused(governor("delay", "1s"), "delay-out-of-bounds", /would be 1 s/);
    await refused(governor("guardian", `0x${"00".repeat(20)}`), "zero-address", /guardian/);
    await refused(governor("set", "colour=7"), "usage", /no parameter "colour".*challengeWindow/);
    await refused(governor("set", `minLock=${2n ** 256n}`), "number-out-of-range", /unsigned integer range/);
    await refused(governor("set", "maxSeats=5=6"), "usage", /not "5=6"/);
    await refused(governor("open-admission", "soon"), "usage", /takes nothing more: "soon"/);
    const [one, other] = [`0x${"01".repeat(20)}`, `0x${"02".repeat(20)}`] as const;
    await refused(governor("admit", one, other), "usage", /takes <address>: "0x0202/);
    await refused(governor("call", one, "0xabc"), "usage", /two digits each/);
    await refused(governor("upgrade", "portal", one), "erc1967-invalid-implementation", /no code at 0x0101/);
    await refused(governor("upgrade", "constructor", one), "usage", /no contract "constructor".*portal/);
    await refused(governor("paint"), "usage", /no change "paint".*open-admission/);
    await refused(
      admin("anybody", "propose", "set", "maxSeats=8"),
      "access-control-unauthorized-account",
      /no governor/,
    );
    assert.deepEqual((await show()).proposals, proposals);
  });

  test("a proposal is taken back by a governor, and never carried out", async () => {
    const id = await propose("open-admission");
    await passed(admin("governor", "cancel", id));
    await pass(Number((await show()).delay));
    await refused(admin("anybody", "execute", id), "proposal-cancelled", /cancelled already/);
    await refused(admin("anybody", "execute", zeroHash), "no-proposal", /admin show/);
    assert.equal((await show()).permissionless, false);
  });

  test("powers pass on, code is replaced, admission opens for ever, and the same can be proposed again", async () => {
    const council = anvil.account(7).address;
    await govern("council", council);
    assert.equal((await show()).council, council);
    // The code that is there already is as good as any other.
    const word = await anvil.client.getStorageAt({
      address: deployment.contracts.stateClaims,
      slot: implementationSlot,
    });
    await govern("upgrade", "stateClaims", slice(word!, -20));
    await govern("admit", council);
    await govern("expel", council);
    await govern("admit", council);
    await govern("open-admission");
    assert.equal((await show()).permissionless, true);
    await refused(admin("governor", "propose", "open-admission"), "already-permissionless", /stays so/);
  });

  test("the guardian pauses withdrawals for a while, and nobody else does", async () => {
    await refused(admin("governor", "pause"), "not-guardian", /guardian's --key-file/);
    await passed(admin("guardian", "pause"));
    assert.equal((await show()).paused, true);
    await refused(admin("guardian", "pause"), "pause-too-soon", /before \d+/);
    await passed(admin("guardian", "unpause"));
    assert.equal((await show()).paused, false);
  });
});
