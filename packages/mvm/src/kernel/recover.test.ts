import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { parseTransaction, serializeTransaction, type Hex } from "viem";
import { privateKeyToAddress, publicKeyToAddress, sign } from "viem/accounts";
import { fromBigInt, padStart, toHex, trimZeros } from "../bytes.ts";
import { MemoryHost } from "../conformance/memoryHost.ts";
import { encodeConfiguration, encodeGenesis } from "../genesis.ts";
import { alice, nextContext, rollupGenesis, signed } from "../testing/rollup.ts";
import { addRequest, callRequest, openBlockRequest } from "../wire/requests.ts";
import { readAdded, readCall } from "../wire/responses.ts";
import { readSealed } from "../wire/sealed.ts";
import { hasNativeRecover, Kernel, loadKernelModule, recoverKey } from "./index.ts";

/** Counts what it is asked, so that the tests see that the kernel does ask. */
class NativeHost extends MemoryHost {
  asked = 0;
  ecrecover(message: Uint8Array, signature: Uint8Array, recid: number): Uint8Array | null | undefined {
    this.asked++;
    return recoverKey(message, signature, recid);
  }
}

const module = await loadKernelModule();
const precompile = "0x0000000000000000000000000000000000000001";

/** ECRECOVER (precompile 1) of a kernel on `host`: the address, or "0x" where there is none. */
function recoverOn(host: MemoryHost): (message: Uint8Array, signature: Uint8Array, recid: number) => Hex {
  const kernel = new Kernel(module, host);
  const genesis = rollupGenesis();
  kernel.request("configure", encodeConfiguration(genesis));
  const sealed = readSealed(kernel.request("genesis", encodeGenesis(genesis)));
  host.apply(sealed.changes);
  const header = Uint8Array.from(sealed.headerRlp);
  return (message, signature, recid) => {
    const data = toHex(Buffer.concat([message, fromBigInt(BigInt(27 + recid), 32), signature]));
    const result = readCall(kernel.request("call", callRequest(header, { to: precompile, data, gas: 100_000n })));
    assert.ok(result.status === "success");
    return result.output === "0x" ? "0x" : `0x${result.output.slice(26)}`;
  };
}

const nativeHost = new NativeHost();
const native = recoverOn(nativeHost);
const pure = recoverOn(new MemoryHost());

const skip = hasNativeRecover ? false : "no prebuilt libsecp256k1 on this platform: there is nothing to compare";

/** What both give for a signature; fails when they differ. */
function agreed(message: Uint8Array, signature: Uint8Array, recid: number): Hex {
  const answer = native(message, signature, recid);
  assert.equal(answer, pure(message, signature, recid), `${toHex(message)} ${toHex(signature)} ${recid}`);
  return answer;
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const prime = 2n ** 256n - 2n ** 32n - 977n;
const message = fc.uint8Array({ minLength: 32, maxLength: 32 });
const recid = fc.integer({ min: 0, max: 1 });
const word = fc.oneof(
  fc.bigInt(0n, 2n ** 256n - 1n),
  fc.bigInt(0n, 3n),
  fc.bigInt(-2n, 2n).map((near) => order + near),
  fc.bigInt(-2n, 2n).map((near) => order / 2n + near),
  fc.bigInt(-2n, 2n).map((near) => prime + near),
  fc.constant(2n ** 256n - 1n),
);

test("the kernel recovers through libsecp256k1 where there is one, and itself where not", { skip }, async () => {
  const key: Hex = `0x${"42".repeat(32)}`;
  const hash = new Uint8Array(32).fill(9);
  const { r, s, yParity } = await sign({ hash: toHex(hash), privateKey: key });
  const signature = Buffer.concat([fromBigInt(BigInt(r), 32), fromBigInt(BigInt(s), 32)]);
  const before = nativeHost.asked;
  assert.equal(agreed(hash, signature, yParity!), privateKeyToAddress(key).toLowerCase());
  assert.equal(nativeHost.asked, before + 1);
});

test(
  "both agree on signatures of random keys, with low and with high s, and with one bit changed",
  { skip },
  async () => {
    const key = fc.bigInt(1n, order - 1n).map((value) => toHex(fromBigInt(value, 32)));
    const bit = fc.nat(96 * 8 - 1);
    await fc.assert(
      fc.asyncProperty(key, message, bit, async (privateKey, hash, changed) => {
        const { r, s, yParity } = await sign({ hash: toHex(hash), privateKey });
        const address = privateKeyToAddress(privateKey).toLowerCase();
        const whole = (value: bigint): Buffer =>
          Buffer.concat([hash, fromBigInt(BigInt(r), 32), fromBigInt(value, 32)]);
        const low = whole(BigInt(s));
        const high = whole(order - BigInt(s));
        assert.equal(agreed(hash, low.subarray(32), yParity!), address);
        assert.equal(agreed(hash, high.subarray(32), 1 - yParity!), address);
        low[changed >> 3]! ^= 1 << (changed & 7);
        assert.notEqual(agreed(low.subarray(0, 32), low.subarray(32), yParity!), address);
      }),
      { numRuns: 60 },
    );
  },
);

test("both agree on words at the edges of the field and of the group", { skip }, () => {
  const found = new Set<boolean>();
  fc.assert(
    fc.property(message, word, word, recid, (hash, r, s, id) => {
      const answer = agreed(hash, Buffer.concat([fromBigInt(r, 32), fromBigInt(s, 32)]), id);
      if (r === 0n || s === 0n || r >= order || s >= order) assert.equal(answer, "0x");
      found.add(answer === "0x");
    }),
    { numRuns: 400 },
  );
  assert.equal(found.size, 2);
});

interface Suite {
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

/** r ‖ s of a signature that is well formed enough to have 32 bytes each. */
type Reader = (signature: Buffer) => Uint8Array | undefined;

const fromP1363: Reader = (signature) => (signature.length === 64 ? signature : undefined);

const fromDer: Reader = (signature) => {
  const [sequence, length, first, rLength = 0] = signature;
  if (sequence !== 0x30 || length !== signature.length - 2 || first !== 2) return undefined;
  const second = 4 + rLength;
  const sLength = signature[second + 1];
  if (signature[second] !== 2 || sLength === undefined || second + 2 + sLength !== signature.length) return undefined;
  const words = [signature.subarray(4, second), signature.subarray(second + 2)].map(trimZeros);
  return words.every((bytes) => bytes.length <= 32)
    ? Buffer.concat(words.map((bytes) => padStart(bytes, 32)))
    : undefined;
};

function wycheproof(t: TestContext, name: string): Suite | undefined {
  const vectors = process.env["METIS_VECTORS"];
  const file = vectors && join(vectors, "wycheproof", name);
  if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Suite;
  t.skip(`METIS_VECTORS names no folder with wycheproof/${name}`);
  return undefined;
}

for (const [name, read] of [
  ["ecdsa_secp256k1_sha256_p1363_test.json", fromP1363],
  ["ecdsa_secp256k1_sha256_test.json", fromDer],
  ["ecdsa_secp256k1_sha256_bitcoin_test.json", fromDer],
] as const)
  test(`both agree on Wycheproof's ${name}, and valid signatures lead to their key`, { skip }, (t) => {
    const suite = wycheproof(t, name);
    if (suite === undefined) return;
    const counts = { valid: 0, invalid: 0, malformed: 0 };
    for (const { publicKey, tests } of suite.testGroups)
      for (const { tcId, msg, sig, result } of tests) {
        const signature = read(Buffer.from(sig, "hex"));
        if (signature === undefined) {
          assert.equal(result, "invalid", `test ${tcId}`);
          counts.malformed++;
          continue;
        }
        const hash = createHash("sha256").update(Buffer.from(msg, "hex")).digest();
        const answers = [0, 1].map((id) => agreed(hash, signature, id));
        if (result === "valid") {
          counts.valid++;
          const address = publicKeyToAddress(`0x${publicKey.uncompressed}`).toLowerCase();
          assert.ok(answers.includes(address as Hex) || isAboveOrder(signature), `test ${tcId}`);
        } else counts.invalid++;
      }
    t.diagnostic(`${counts.valid} valid, ${counts.invalid} invalid, ${counts.malformed} refused before recovery`);
    assert.ok(counts.valid > 50 && counts.invalid > 20);
  });

/** Signatures whose R has an x above the order need recovery ids 2 and 3, which Ethereum has not. */
const isAboveOrder = (signature: Uint8Array): boolean => BigInt(toHex(signature.subarray(0, 32))) < prime - order;

test("a sender whom the caller has recovered is not recovered again, unless s is high", async () => {
  const host = new NativeHost();
  const kernel = new Kernel(module, host);
  const genesis = rollupGenesis();
  kernel.request("configure", encodeConfiguration(genesis));
  const sealed = readSealed(kernel.request("genesis", encodeGenesis(genesis)));
  host.apply(sealed.changes);
  const { number, hash } = { number: 0n, hash: toHex(sealed.hash) };
  kernel.request("open_block", openBlockRequest(sealed.headerRlp, nextContext({ number, hash })));
  const transaction = await signed(0);
  const { r, s, yParity, v, ...unsigned } = parseTransaction(transaction as `0x02${string}`);
  const high = serializeTransaction(unsigned, {
    r: r!,
    s: toHex(fromBigInt(order - BigInt(s!), 32)),
    yParity: 1 - yParity!,
    ...(v === undefined ? {} : { v: 1n - v }),
  });
  const sender = alice.address.toLowerCase() as Hex;
  const [refused, known, unknown] = readAdded(
    kernel.request(
      "add_transactions",
      addRequest([
        { transaction: high, sender },
        { transaction, sender },
        { transaction: await signed(1), sender: undefined },
      ]),
    ),
  );
  assert.equal(refused?.included === false && refused.reason.code, "invalid-signature");
  assert.ok(known?.included && unknown?.included);
  assert.equal(host.asked, 1);
});
