// Writes the vector files of this specification: node docs/spec/vectors/generate.mjs && npx oxfmt docs/spec/vectors
// Formulated apart from packages/protocol on purpose. The committed files are frozen: a changed output means a changed
// protocol.
for (const part of [
  "blocks",
  "signed",
  "config",
  "fees",
  "staking",
  "receipts",
  "inclusions",
  "heartbeats",
  "attendance",
  "shares",
])
  await import(`./generate/${part}.mjs`);
