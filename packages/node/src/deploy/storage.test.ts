import assert from "node:assert/strict";
import { test } from "node:test";
import { namespaceSlot, packed, proxyStorage, storageFrom, word } from "./storage.ts";

test("a namespace begins where ERC-7201 says", () => {
  // The example of the EIP.
  assert.equal(
    word(namespaceSlot("example.main")),
    "0x183a6125c38840424c4a85fa12bab2ab606c4b6d0e7cc73c0c06ba5300eab500",
  );
});

test("fields are packed as Solidity packs them, and none spills into the next", () => {
  const fields = [
    { bits: 64, value: 7n },
    { bits: 64, value: 9n },
  ];
  assert.equal(packed(fields), (9n << 64n) | 7n);
  assert.throws(() => packed([{ bits: 8, value: 256n }]), RangeError);
  assert.throws(() => packed([{ bits: 8, value: -1n }]), RangeError);
  assert.throws(
    () =>
      packed([
        { bits: 200, value: 1n },
        { bits: 57, value: 1n },
      ]),
    RangeError,
  );
});

test("storage holds no zero words", () => {
  assert.deepEqual(storageFrom(1n, [5n, 0n, "0x000000000000000000000000000000000000abcd"]), {
    [word(1n)]: word(5n),
    [word(3n)]: word(0xabcdn),
  });
});

test("a proxy's storage lies in ERC-1967's slots", () => {
  const [admin, implementation] = [
    "0x00000000000000000000000000000000000000aa",
    "0x00000000000000000000000000000000000000bb",
  ] as const;
  assert.deepEqual(proxyStorage(admin, implementation), {
    "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc": word(implementation),
    "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103": word(admin),
  });
});
