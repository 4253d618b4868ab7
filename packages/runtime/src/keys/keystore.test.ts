import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { numberToHex, pad, type Hex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { seededRng } from "../rng.ts";
import { Secret } from "../secret.ts";
import { KeyError } from "./errors.ts";
import { parseKeystore } from "./form.ts";
import { decryptKeystore, encryptKeystore } from "./keystore.ts";

/** Costs nothing: what is tested is not how long scrypt takes. */
const cheap = { n: 2, r: 8, p: 1 };
const someKey: Hex = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

interface Parts {
  readonly iv: string;
  readonly ciphertext: string;
  readonly mac: string;
  readonly kdf: string;
  readonly kdfparams: object;
}
const fileOf = ({ iv, ...parts }: Parts, more: object = {}): string =>
  JSON.stringify({ crypto: { cipher: "aes-128-ctr", cipherparams: { iv }, ...parts }, id: "", version: 3, ...more });
const open = async (text: string, password: string): Promise<string> =>
  (await decryptKeystore(parseKeystore(text), new Secret(password))).reveal();
const refused = (code: string, message = /./) => ({ code, message });

// From the definition of Web3 Secret Storage, and keys that geth wrote without their leading zeros.
const scryptVector: Parts = {
  iv: "83dbcc02d8ccb40e466191a123791e0e",
  ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
  kdf: "scrypt",
  kdfparams: {
    dklen: 32,
    n: 262_144,
    r: 1,
    p: 8,
    salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
  },
  mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
};
const pbkdf2Vector: Parts = {
  iv: "6087dab2f9fdbbfaddc31a909735c1e6",
  ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
  kdf: "pbkdf2",
  kdfparams: {
    c: 262_144,
    dklen: 32,
    prf: "hmac-sha256",
    salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
  },
  mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
};
const shortKeys: readonly (readonly [Parts, Hex])[] = [
  [
    {
      iv: "e0c41130a323adc1446fc82f724bca2f",
      ciphertext: "9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984",
      kdf: "scrypt",
      kdfparams: { dklen: 32, ...cheap, salt: "711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63" },
      mac: "d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5",
    },
    "0xfa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35",
  ],
  [
    {
      iv: "3ca92af36ad7c2cd92454c59cea5ef00",
      ciphertext: "108b7d34f3442fc26ab1ab90ca91476ba6bfa8c00975a49ef9051dc675aa",
      kdf: "scrypt",
      kdfparams: { dklen: 32, ...cheap, salt: "d0769e608fb86cda848065642a9c6fa046845c928175662b8e356c77f914cd3b" },
      mac: "75d0e6759f7b3cefa319c3be41680ab6beea7d8328653474bd06706d4cc67420",
    },
    "0x81c29e8142bb6a81bef5a92bda7a8328a5c85bb2f9542e76f9b0f94fc018",
  ],
];

test("the vectors of Web3 Secret Storage open, scrypt and pbkdf2", async () => {
  assert.equal(await open(fileOf(scryptVector), "testpassword"), someKey);
  assert.equal(await open(fileOf(pbkdf2Vector), "testpassword"), someKey);
});

test("keys that were written without their leading zeros have 32 bytes again", async () => {
  for (const [parts, key] of shortKeys) assert.equal(await open(fileOf(parts), "foo"), pad(key, { size: 32 }));
});

test("what is written is opened with the password alone, and says whose key it is", async () => {
  // Below the order of secp256k1, and not zero.
  const keys = fc.bigInt({ min: 1n, max: 2n ** 255n }).map((number) => numberToHex(number, { size: 32 }));
  await fc.assert(
    fc.asyncProperty(keys, fc.string({ minLength: 1 }), fc.integer(), async (hex, password, seed) => {
      const text = await encryptKeystore(new Secret(hex), new Secret(password), { rng: seededRng(seed), cost: cheap });
      assert.ok(!text.includes(hex.slice(2)));
      assert.equal(parseKeystore(text).address, privateKeyToAddress(hex).toLowerCase());
      assert.equal(await open(text, password), hex);
      await assert.rejects(open(text, `${password}.`), refused("wrong-password"));
    }),
    { numRuns: 30 },
  );
});

test("a file that says another address than its key has is not believed", async () => {
  const text = fileOf(shortKeys[0]![0], { address: "00000000000000000000000000000000000000a1" });
  await assert.rejects(open(text, "foo"), refused("keystore-malformed", /holds another key/));
});

test("versions, ciphers and derivations that nobody writes today are named", () => {
  const broken: readonly (readonly [string, RegExp])[] = [
    [fileOf(scryptVector, { version: 1 }), /version is not 3/],
    [fileOf({ ...scryptVector, kdf: "argon2id" }), /neither scrypt nor pbkdf2/],
    [fileOf({ ...pbkdf2Vector, kdfparams: { ...pbkdf2Vector.kdfparams, prf: "hmac-sha1" } }), /prf/],
    [fileOf(scryptVector).replace("aes-128-ctr", "aes-128-cbc"), /cipher/],
  ];
  for (const [text, message] of broken)
    assert.throws(() => parseKeystore(text), refused("keystore-unsupported", message));
});

test("a file that would take minutes or all memory to open is refused before any work", () => {
  const costs = [
    { kdf: "scrypt", kdfparams: { ...scryptVector.kdfparams, n: 2 ** 31 } },
    { kdf: "scrypt", kdfparams: { ...scryptVector.kdfparams, r: 2 ** 20 } },
    { kdf: "scrypt", kdfparams: { ...scryptVector.kdfparams, p: 2 ** 24 } },
    { kdf: "pbkdf2", kdfparams: { ...pbkdf2Vector.kdfparams, c: 2 ** 31 } },
  ];
  for (const cost of costs)
    assert.throws(() => parseKeystore(fileOf({ ...scryptVector, ...cost })), refused("keystore-too-expensive"));
});

test("any other text is malformed, and nothing else is thrown", () => {
  const json = fc.oneof(fc.json(), fc.string(), fc.constant("null"));
  const changed = fc
    .tuple(fc.constantFrom("iv", "ciphertext", "mac", "kdf", "kdfparams"), fc.jsonValue())
    .map(([name, value]) => fileOf({ ...scryptVector, [name]: value }));
  fc.assert(
    fc.property(fc.oneof(json, changed), (text) => {
      try {
        parseKeystore(text);
      } catch (error) {
        assert.ok(error instanceof KeyError, String(error));
      }
    }),
  );
  assert.throws(() => parseKeystore("{"), refused("keystore-malformed", /not JSON/));
});
