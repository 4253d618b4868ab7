import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { encryptKeystore, Secret, seededRng } from "@metis/runtime";
import { nodeOptions } from "../config.ts";
import { readKey } from "./keys.ts";

const key = `0x${"21".repeat(32)}`;

suite("a node's keys", () => {
  let folder: string;
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  let keystore: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "metis-node-keys-"));
    const options = { rng: seededRng(7), cost: { n: 2, r: 8, p: 1 } };
    keystore = file("signer.json", await encryptKeystore(new Secret(key), new Secret("sesame"), options));
  });
  after(() => rmSync(folder, { recursive: true }));

  test("a bare key needs no password, a keystore the one in its file", async () => {
    const bare = nodeOptions({ "signer.keyFile": file("signer.key", `${key}\n`) });
    assert.equal((await readKey(bare, "signer")).reveal(), key);
    const passwordFile = file("password", "sesame\n");
    const kept = nodeOptions({ "batcher.keyFile": keystore, "batcher.passwordFile": passwordFile });
    assert.equal((await readKey(kept, "batcher")).reveal(), key);
  });

  test("what is missing or wrong is named by its option", async () => {
    await assert.rejects(readKey(nodeOptions(), "signer"), { code: "config-incomplete", message: /signer\.keyFile/ });
    const locked = nodeOptions({ "signer.keyFile": keystore });
    await assert.rejects(readKey(locked, "signer"), { code: "config-incomplete", message: /signer\.passwordFile/ });
    const wrong = nodeOptions({ "signer.keyFile": keystore, "signer.passwordFile": file("wrong", "open") });
    await assert.rejects(readKey(wrong, "signer"), { code: "key-unreadable", message: /signer\.keyFile.*password/ });
    const absent = nodeOptions({ "signer.keyFile": join(folder, "absent") });
    await assert.rejects(readKey(absent, "signer"), { code: "key-unreadable", message: /cannot be read/ });
  });
});
