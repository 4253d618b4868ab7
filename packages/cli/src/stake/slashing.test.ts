// A user's receipts against the contracts, on an L1 of their own.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, suite, test, type TestContext } from "node:test";
import { deployL1, encodeDeployment, type L1Deployment } from "@metis/node";
import { blockAttestationDigest, receiptDigest, signDigest, signingDomain } from "@metis/protocol";
import { slashingManagerAbi } from "@metis/protocol/contracts";
import { smallDeployment, startAnvil, type Anvil } from "@metis/testing";
import { encodeFunctionData, keccak256, numberToHex, parseEther, stringToHex, type Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { Io } from "../io.ts";
import { run } from "../program.ts";

const block = {
  epoch: 0n,
  blockHash: keccak256(stringToHex("block")),
  outputRoot: keccak256(stringToHex("output")),
  anchorNumber: 1n,
  anchorHash: keccak256(stringToHex("anchor")),
};
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
    deployment = await deployL1(
      smallDeployment(anvil, {
        seats: [
          { owner: anvil.account(4).address, amount: parseEther("20000"), signer: privateKeyToAccount(leaderKey) },
        ],
      }),
    );
    writeFileSync(at("deployment.json"), encodeDeployment(deployment));
    const userKey = generatePrivateKey();
    writeFileSync(at("user.key"), userKey);
    await anvil.client.setBalance({ address: privateKeyToAccount(userKey).address, value: parseEther("1") });
  });
  after(async () => {
    await anvil?.stop();
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

  /** A node that has found `evidence`. */
  async function nodeWith(t: TestContext, evidence: readonly object[]): Promise<string> {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const { id, method } = JSON.parse(body) as { readonly id: number; readonly method: string };
        assert.equal(method, "rollup_evidence");
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result: evidence }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("what a node has found is brought to L1, and nothing else that it gives", async (t) => {
    const { slashingManager, metisToken } = deployment.contracts;
    const domain = signingDomain(deployment.genesisConfig);
    const attestation = { ...block, generation: 0, number: 5n };
    const contradicting = { ...attestation, blockHash: keccak256(stringToHex("another")) };
    const args = [attestation, contradicting].flatMap((given) => [
      given,
      signDigest(blockAttestationDigest(domain, given), leaderKey),
    ]) as never;
    const data = encodeFunctionData({ abi: slashingManagerAbi, functionName: "reportEquivocation", args });
    const found = { id: "0/5", signer: privateKeyToAccount(leaderKey).address, offence: "signed two blocks" };
    const withdraw = encodeFunctionData({ abi: slashingManagerAbi, functionName: "withdraw" });
    const url = await nodeWith(t, [
      { ...found, to: metisToken, data },
      { ...found, to: slashingManager, data: withdraw },
      { ...found, to: slashingManager, data },
      { ...found, to: slashingManager, data },
    ]);
    const { evidence } = (await stake("accuse", "--evidence", "--l2-rpc", url)) as {
      readonly evidence: readonly { readonly seatId?: string; readonly reward?: string; readonly refused?: string }[];
    };
    assert.deepEqual(
      evidence.map(({ refused, seatId }) => refused ?? `seat ${seatId}`),
      ["evidence-malformed", "evidence-malformed", "seat 1", "EvidenceUsed"],
    );
    const { slashes } = (await stake("slashes")) as { readonly slashes: readonly { readonly offence: string }[] };
    assert.equal(slashes.at(-1)?.offence, "equivocation");
    assert.equal(codeOf(await stake("accuse", "--l2-rpc", url)), "usage");
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
