// A user's receipts against the contracts, on an L1 of their own.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { deployL1, encodeDeployment, type L1Deployment } from "@metis/node";
import { profiles, receiptDigest, signDigest, signingDomain } from "@metis/protocol";
import { sealGenesisByOracle, startAnvil, type Anvil } from "@metis/testing";
import { http, keccak256, numberToHex, parseEther, stringToHex, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

const wei = (amount: string): string => parseEther(amount).toString();

suite("metis stake accuse", () => {
  let anvil: Anvil;
  let folder: string;
  let deployment: L1Deployment;
  const leaderKey = generatePrivateKey();
  const at = (name: string): string => join(folder, name);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "metis-report-"));
    anvil = await startAnvil();
    deployment = await deployL1({
      transport: http(anvil.url),
      deployer: anvil.account(0),
      profile: profiles.devnet,
      l2ChainId: 901_088n,
      salt: keccak256(stringToHex("report")),
      governors: [anvil.account(1).address],
      guardian: anvil.account(2).address,
      metis: { supply: parseEther("1000000") },
      seats: [{ owner: anvil.account(4).address, amount: parseEther("20000"), signer: privateKeyToAccount(leaderKey) }],
      balances: {},
      anchor: "latest",
      sealGenesis: sealGenesisByOracle,
    });
    writeFileSync(at("deployment.json"), encodeDeployment(deployment));
    const userKey = generatePrivateKey();
    writeFileSync(at("user.key"), userKey);
    await anvil.client.setBalance({ address: privateKeyToAccount(userKey).address, value: parseEther("1") });
  });
  after(async () => {
    await anvil.stop();
    rmSync(folder, { recursive: true });
  });

  const stake = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const lines: string[] = [];
    const io: Io = { json: true, terminal: false, colour: false, out: (line) => void lines.push(line), note: () => {} };
    const chain = ["--l1-rpc", anvil.url, "--deployment", at("deployment.json"), "--json"];
    await run(["stake", ...args, ...chain, "--key-file", at("user.key")], io);
    return JSON.parse(lines[0] ?? "{}") as Record<string, unknown>;
  };
  const accuse = (...files: readonly string[]): Promise<Record<string, unknown>> =>
    stake("accuse", "--receipts", ...files.map(at), "--l2-rpc", anvil.url);
  const codeOf = ({ error }: Record<string, unknown>): unknown => (error as { readonly code?: string })?.code;

  /** What the leader answered a user, as a node shows it. */
  function answer(file: string, transaction: string, sequence: bigint, key: Hex = leaderKey): void {
    const receipt = {
      generation: 0,
      transactionHash: keccak256(stringToHex(transaction)),
      sequence,
      firstBlock: 1n,
      lastBlock: 256n,
    };
    const signature = signDigest(receiptDigest(signingDomain(deployment.genesisConfig), receipt), key);
    const shown = {
      transactionHash: receipt.transactionHash,
      receipt: {
        generation: "0x0",
        sequence: numberToHex(sequence),
        firstBlock: "0x1",
        lastBlock: "0x100",
        signer: privateKeyToAccount(key).address,
        signature,
      },
    };
    writeFileSync(at(file), JSON.stringify(shown));
  }

  test("two transactions with one sequence cost the leader a hundredth, and the user is paid", async () => {
    answer("mine.json", "mine", 7n);
    answer("theirs.json", "theirs", 7n);
    const said = await accuse("mine.json", "theirs.json");
    assert.deepEqual([said["seatId"], said["reward"], said["escrowed"]], ["1", wei("40"), wei("160")]);
    const { slashes } = (await stake("slashes", "--seat", "1")) as { readonly slashes: readonly object[] };
    assert.partialDeepStrictEqual(slashes, [{ offence: "broken-order", state: "in-escrow", own: wei("200") }]);
    assert.equal((await stake("slashes", "--withdraw"))["amount"], wei("40"));
    assert.equal(codeOf(await accuse("theirs.json", "mine.json")), "evidence-refused");
  });

  test("what proves nothing is refused with a reason", async () => {
    answer("mine.json", "mine", 8n);
    assert.equal(codeOf(await accuse("mine.json", "mine.json")), "evidence-refused");
    answer("other.json", "other", 8n, generatePrivateKey());
    assert.equal(codeOf(await accuse("mine.json", "other.json")), "evidence-refused");
  });

  test("a file that is no receipt is said to be none", async () => {
    writeFileSync(at("none.json"), "{}");
    assert.equal(codeOf(await accuse("none.json", "mine.json")), "usage");
    assert.equal(codeOf(await accuse("mine.json")), "usage");
    answer("mine.json", "mine", 8n);
    const receipt = JSON.parse(readFileSync(at("mine.json"), "utf8")) as { readonly receipt: object };
    const wrong = { generation: "0x", sequence: `0x1${"0".repeat(16)}`, signature: "0x12", lastBlock: 256 };
    for (const [name, value] of Object.entries(wrong)) {
      writeFileSync(at("wrong.json"), JSON.stringify({ ...receipt, receipt: { ...receipt.receipt, [name]: value } }));
      const { error } = await accuse("wrong.json", "mine.json");
      assert.match((error as { readonly message: string }).message, new RegExp(`wrong.json: ${name} is missing, or`));
    }
  });
});
