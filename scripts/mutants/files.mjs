// Files of which more than one list of mutants speaks, from packages/.
export const exchange = "committee/src/attestations/exchange.ts";
export const protection = "committee/src/protection/store.ts";
export const application = "node/src/sequencer/application.ts";
export const rules = "node/src/sequencer/votingRules.ts";
export const binding = "node/src/sequencer/binding.ts";
