// Breaks one guard of the staking contracts at a time, in a copy, and sees to it that a test notices.
//   node scripts/contract-mutants.mjs            all; minutes, since each is compiled anew
//   node scripts/contract-mutants.mjs exit cap   those whose name contains one of the words
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { foundryBinary, repository } from "./foundry.mjs";
import { breakEach } from "./mutants.mjs";

const pool = "l1/LockingPool.sol";
const queue = "l1/LockingPoolQueue.sol";
const state = "l1/LockingPoolState.sol";
const delegation = "l1/Delegation.sol";
const reserve = "l1/EmissionReserve.sol";
const attendance = "l2/MetisSequencerSet.sol";
const slashing = "l1/SlashingManager.sol";
const escrow = "l1/SlashingEscrow.sol";
const inclusion = "libraries/BlockInclusion.sol";
const order = "libraries/OrderEvidence.sol";
const merkle = "libraries/MerkleRoot.sol";
/** [what is broken, file, text, what it becomes, test files that must notice]. */
const mutants = [
  ["a key may be taken twice", pool, "if ($.seqSigners[signer] != 0)", "if (false)", "Seats"],
  [
    "a key is changed as often as one likes",
    pool,
    "if (seat.signerChangedAt == $.history.count())",
    "if (false)",
    "Seats",
  ],
  ["the proof is by anybody", "libraries/SignerProofs.sol", "if (recovered != signer)", "if (false)", "Seats"],
  [
    "the proof binds no owner",
    "libraries/SignerProofs.sol",
    "abi.encode(TYPEHASH, owner, signer)",
    "abi.encode(TYPEHASH, signer, signer)",
    "Seats",
  ],
  ["an owner has two seats", pool, "if ($.seqOwners[owner] != 0)", "if (false)", "Seats"],
  ["anyone is admitted", pool, "if (!$.permissionless && !$.whitelist[msg.sender])", "if (false)", "Admission"],
  ["a stake passes the maximum", pool, "if (locked > parameters.maxLock)", "if (false)", "Seats"],
  [
    "an exit is paid before it starts",
    queue,
    "if (exit.setIndex == $.history.count()) revert ExitNotStarted(exitId);",
    "if (exit.setIndex == $.history.count()) { exit.setIndex = 0; }",
    "ExitQueue",
  ],
  ["an exit is paid before its time", queue, "if (block.timestamp < claimableAt)", "if (false)", "ExitQueue"],
  ["an exit does not wait for its epochs", queue, "if (!_settledThrough(first.epoch - 1))", "if (false)", "ExitQueue"],
  [
    "an exit waits for batches, not for those that may come",
    state,
    ": $.inbox.nextEpoch()) > epoch",
    ": type(uint64).max) > epoch",
    "ExitQueue",
  ],
  ["an exit is paid twice", queue, "if (exit.claimed)", "if (false)", "ExitQueue"],
  ["an exit is anybody's", queue, "if (msg.sender != exit.owner)", "if (false)", "ExitQueue"],
  ["an exit leaves a slash", state, "* _storage().seats[exit.seqId].slashIndex / exit.slashIndex", "* 1", "ExitQueue"],
  ["a slash leaves the index", pool, "* (WHOLE - fraction) / WHOLE);", "* WHOLE / WHOLE);", "ExitQueue"],
  [
    "what is exiting is not slashed",
    pool,
    "taken.exiting = uint96(seat.exiting * fraction / WHOLE);",
    "taken.exiting = 0;",
    "Slashing",
  ],
  ["an exit still counts", pool, "seat.amount = uint96(left);", "", "ExitQueue"],
  ["too little is left", pool, "if (left != 0 && left < parameters.minLock)", "if (false)", "ExitQueue"],
  ["any seat is ejected", pool, "if (amount >= parameters.ejectionBelow)", "if (false)", "ExitQueue"],
  [
    "a set is frozen when its epoch runs",
    pool,
    "if (block.number > lastBlock) revert FreezeTooLate(epoch, lastBlock);",
    "",
    "Freeze",
  ],
  [
    "a set is frozen ahead",
    pool,
    "if (block.number < firstBlock) revert FreezeTooEarly(epoch, firstBlock);",
    "",
    "Freeze",
  ],
  ["a set is frozen twice", pool, "|| epoch <= _storage().history.last().epoch", "", "Freeze"],
  ["an empty set is frozen", pool, "if (members.length == 0)", "if (false)", "Freeze"],
  ["a jailed seat signs", state, "|| seat.jailedUntil != 0", "", "Freeze"],
  ["a seat below the floor signs", state, "seat.amount < parameters.ejectionBelow || ", "", "ExitQueue"],
  ["a jail opens at once", pool, "if (block.timestamp < until) revert StillJailed(seqId, until);", "", "Freeze"],
  ["a full line is closed", pool, "if (_weight(seat, maxLock) <= least)", "if (true)", "Freeze"],
  ["a lighter seat takes a place", pool, "if (_weight(seat, maxLock) <= least)", "if (false)", "Freeze"],
  [
    "an older set is found",
    "libraries/EpochSets.sol",
    "if (sets[middle].epoch <= epoch) low = middle;",
    "if (sets[middle].epoch < epoch) low = middle;",
    "Freeze",
  ],
  [
    "no weight is capped",
    "libraries/SeatWeights.sol",
    "weights.length >= CAPPED_FROM ? cap(weights)",
    "false ? cap(weights)",
    "SeatWeights,Vectors,Freeze",
  ],
  ["the cap is one too high", "libraries/SeatWeights.sol", "(rest - 1) / 2", "rest / 2", "SeatWeights"],
  [
    "delegated stake counts without bound",
    "libraries/SeatWeights.sol",
    "if (weight > own * OWN_PART) weight = own * OWN_PART;",
    "",
    "SeatWeights",
  ],
  [
    "younger seats come first",
    "libraries/SeatWeights.sol",
    "(weight << 64) | (type(uint64).max - seqId)",
    "(weight << 64) | seqId",
    "SeatWeights,Vectors",
  ],
  ["blocks of two numbers conflict", slashing, "|| attestationA.number != attestationB.number", "", "Slashing"],
  [
    "blocks of two generations conflict",
    slashing,
    "attestationA.generation != attestationB.generation ||",
    "",
    "Slashing",
  ],
  ["one attestation conflicts with itself", slashing, "if (hashA == hashB)", "if (false)", "Slashing"],
  ["two seats conflict", slashing, "if (seqId == 0 || seqId != seqIdB)", "if (seqId == 0)", "Slashing"],
  ["evidence counts again", escrow, "if ($.evidenceUsed[evidenceId])", "if (false)", "Slashing"],
  ["a signature has two forms", "libraries/Signatures.sol", "if (uint256(s) > HALF_ORDER)", "if (false)", "Slashing"],
  ["anyone refunds", escrow, "if (msg.sender != $.council)", "if (false)", "Slashing"],
  ["a refund comes late", escrow, "if (block.timestamp >= slash.releaseAt)", "if (false)", "Slashing"],
  ["a release comes early", escrow, "if (block.timestamp < slash.releaseAt)", "if (false)", "Slashing"],
  ["a credit is paid twice", escrow, "$.credits[msg.sender] = 0;", "", "Slashing"],
  [
    "anyone slashes",
    pool,
    "function slash(uint256 seqId, uint256 fraction) external returns (SlashedStake memory taken) {\n        _onlySlashingManager();",
    "function slash(uint256 seqId, uint256 fraction) external returns (SlashedStake memory taken) {",
    "Seats",
  ],
  ["anyone moves the escrow", "l1/LockingInfo.sol", "if (msg.sender != LOCKING_POOL)", "if (false)", "Seats"],
  [
    "exits outlive the windows",
    "libraries/ParameterBounds.sol",
    "staking.exitDelay > windows",
    "staking.exitDelay > 0",
    "SystemConfig",
  ],
  ["anyone delegates for others", queue, "if (msg.sender != _storage().delegation)", "if (false)", "Delegation"],
  ["a seat takes more than counts", queue, "if (stake > counts)", "if (false)", "Delegation"],
  ["what is undelegated still counts", queue, "seat.delegated -= uint96(amount);", "", "Delegation"],
  ["a paid exit is still there", queue, "seat.exiting -= uint96(amount);", "", "Delegation"],
  [
    "delegated stake is not slashed",
    pool,
    "taken.delegated = uint96(seat.delegated * fraction / WHOLE);",
    "taken.delegated = 0;",
    "Delegation",
  ],
  [
    "an exit paid before lost by a slash",
    queue,
    "&& (!exit.claimed || exit.claimedIndex <= indexAfter)",
    "",
    "Refunds",
  ],
  ["an exit queued after lost by a slash", queue, "&& exit.slashIndex >= indexBefore", "", "Refunds"],
  ["dust is delegated", delegation, "if (amount < minimum)", "if (false)", "Delegation"],
  ["dust is left", delegation, "if (worth < minimum)", "if (false)", "Delegation"],
  ["more shares than one has", delegation, "|| shares > available", "", "Delegation"],
  ["shares are not priced", delegation, "amount * total / stake.delegated;", "amount;", "Delegation"],
  [
    "shares are rounded up",
    delegation,
    ": amount * total / stake.delegated;",
    ": amount * total / stake.delegated + 1;",
    "Delegation",
  ],
  ["a redelegation goes on twice", delegation, "delete $.redelegations[exitId];", "", "Delegation"],
  ["a redelegation is to the same seat", delegation, "if (fromSeqId == toSeqId)", "if (false)", "Delegation"],
  ["a commission rises at once", delegation, "if (block.timestamp < allowedAt)", "if (false)", "SeatTerms"],
  ["a commission rises by any step", delegation, "if (next < highest)", "if (false)", "SeatTerms"],
  ["a commission has no bound", delegation, "if (commission > highest)", "if (false)", "SeatTerms"],
  ["anyone sets a seat's terms", delegation, "if (stake.owner != msg.sender)", "if (false)", "SeatTerms"],
  ["a refund is claimed twice", escrow, "if ($.refundClaimed[slashId][claimant])", "if (false)", "Refunds"],
  ["a slash that stands is refunded", escrow, "if (slash.status != SlashStatus.Refunded)", "if (false)", "Refunds"],
  [
    "the owner gets the delegators' refund",
    escrow,
    "uint256 own = _refundOf(slash, slash.own);",
    "uint256 own = slash.amount;",
    "Refunds",
  ],
  ["an unsettled claim proves", inclusion, "status != ClaimStatus.Settled ||", "", "BrokenOrder"],
  ["an invented claim proves", inclusion, "|| claimHash != given.claim.hash()", "", "BrokenOrder"],
  ["a block's number is free", inclusion, "if (root != given.claim.outputsRoot)", "if (false)", "BrokenOrder"],
  [
    "a block stands in another batch",
    inclusion,
    "if (number < first || number > last) revert ISlashingManager.BlockNotInClaim(number);",
    "if (number < first || number > last) return;",
    "BrokenOrder",
  ],
  ["later is before", inclusion, "return a.number < b.number ||", "return a.number > b.number ||", "BrokenOrder"],
  ["one place is before itself", inclusion, "a.index < b.index", "a.index <= b.index", "BrokenOrder"],
  ["receipts of two keys conflict", order, "if (signer != other)", "if (false)", "BrokenOrder"],
  [
    "receipts of two generations conflict",
    order,
    "if (a.receipt.generation != b.receipt.generation)",
    "if (false)",
    "BrokenOrder",
  ],
  [
    "the higher sequence was passed over",
    order,
    "if (passedOver.sequence >= preferred.sequence)",
    "if (false)",
    "BrokenOrder",
  ],
  ["order that was kept conflicts", order, "if (!BlockInclusion.isBefore(early, late))", "if (false)", "BrokenOrder"],
  [
    "another's transaction is in line",
    order,
    "if (place.transactionHash != receipt.transactionHash)",
    "if (false)",
    "BrokenOrder",
  ],
  ["another's block binds", order, "place.proposer != signer ||", "", "BrokenOrder"],
  ["another generation's block binds", order, "|| place.generation != receipt.generation", "", "BrokenOrder"],
  ["a receipt binds before its time", order, "place.number >= receipt.firstBlock &&", "", "BrokenOrder"],
  ["a receipt binds after its time", order, "&& place.number <= receipt.lastBlock", "", "BrokenOrder"],
  [
    "a path is cut short",
    merkle,
    "if (used == path.length)",
    "if (used == path.length) break; if (false)",
    "BrokenOrder",
  ],
  ["a path is drawn out", merkle, "if (used != path.length)", "if (false)", "BrokenOrder"],
  ["two sequences are one", slashing, "a.receipt.sequence != b.receipt.sequence ||", "", "BrokenOrder"],
  [
    "a transaction twice is a double sequence",
    slashing,
    "|| a.receipt.transactionHash == b.receipt.transactionHash",
    "",
    "BrokenOrder",
  ],
  [
    "a stranger's receipts are a seat's",
    slashing,
    "if (seqId == 0) revert NotASeat",
    "if (false) revert NotASeat",
    "BrokenOrder",
  ],
  [
    "half is too little",
    slashing,
    "if (attested * 2 >= attendance.blocks)",
    "if (attested * 2 > attendance.blocks)",
    "Offences",
  ],
  [
    "any attendance accuses",
    slashing,
    "if (told != $.reserve.attendanceHashOf(attendance.epoch))",
    "if (false)",
    "Offences",
  ],
  ["any set is accused", slashing, "if (setHash != given)", "if (false)", "Offences"],
  [
    "a seat that is over is jailed",
    slashing,
    "if ($.pool.stakeOf(seqId).status != SeatStatus.Active) return;",
    "",
    "Offences",
  ],
  [
    "an absence is not jailed",
    slashing,
    "_slash(seqId, Offence.Absence, evidenceId, ABSENCE, msg.sender);\n        _jail(seqId);",
    "_slash(seqId, Offence.Absence, evidenceId, ABSENCE, msg.sender);",
    "Offences",
  ],
  ["anyone says that a claim is wrong", slashing, "if (msg.sender != $.disputes)", "if (false)", "Offences"],
  ["any certificate is punished", slashing, "$.inbox.checkClaim(batchIndex, claim, certificate);", "", "Offences"],
  ["who did not sign is punished", slashing, "if ((certificate.bitmap >> i) & 1 == 0) continue;", "", "Offences"],
  ["one that has nothing protects all", slashing, "|| !_hasStake(seqId)", "", "Offences"],
  ["disputes are named twice", slashing, "if ($.disputes != address(0))", "if (false)", "Offences"],
  [
    "anyone names the disputes",
    slashing,
    "function nameDisputes(address disputes_) external {\n        _onlySystemOwner();",
    "function nameDisputes(address disputes_) external {",
    "Offences",
  ],
  ["anyone punishes", slashing, "if (msg.sender != _storage().handover)", "if (false)", "Offences"],
  ["anyone credits rewards", delegation, "if (msg.sender != _storage().emissionReserve)", "if (false)", "Rewards"],
  ["rewards are withdrawn twice", delegation, "$.credits[msg.sender] = 0;", "", "Rewards"],
  [
    "newcomers earn what was before them",
    delegation,
    "seat.creditedPerShare[delegator] = seat.earnedPerShare;",
    "",
    "Rewards",
  ],
  ["a commission is not taken", delegation, "* (BASIS_POINTS - commission)", "* BASIS_POINTS", "Rewards"],
  ["anyone says what was attended", reserve, "if (msg.sender != address($.messenger))", "if (false)", "Rewards"],
  [
    "any L2 contract says what was attended",
    reserve,
    "if (sender != Predeploys.METIS_SEQUENCER_SET)",
    "if (false)",
    "Rewards",
  ],
  ["an epoch is paid twice", reserve, "if ($.distributed[epoch])", "if (false)", "Rewards"],
  [
    "any attendance is paid",
    reserve,
    "if (keccak256(abi.encode(blocks, words)) != $.attendances[epoch])",
    "if (false)",
    "Rewards",
  ],
  ["any set is paid", reserve, "if (setHash != given)", "if (false)", "Rewards"],
  ["who was away is paid", reserve, "attested * 2 < worth.blocks", "false", "Rewards"],
  [
    "a tombstoned seat is paid",
    reserve,
    ".status == SeatStatus.Tombstoned) continue;",
    ".status == SeatStatus.Unavailable) continue;",
    "Rewards",
  ],
  ["the cap is passed", reserve, "if (reward > $.parameters.epochCap)", "if (false)", "Rewards"],
  ["the reserve is overdrawn", reserve, "if (reward > held)", "if (false)", "Rewards"],
  ["a block counts twice", attendance, "added.firstBlock < next ||", "", "Attendance"],
  ["blocks to come count", attendance, "|| end > block.number", "", "Attendance"],
  ["an open epoch is reported", attendance, "if (current < epoch + 2)", "if (false)", "Attendance"],
  ["an epoch is reported twice", attendance, "if (count.reported)", "if (false)", "Attendance"],
  ["a closed epoch counts", attendance, "|| current >= uint256(epoch) + 2", "", "Attendance"],
];

/** Behaviour is what counts here, and compiling is most of the time. */
function fill(copy) {
  for (const part of ["contracts", "foundry.toml", "docs/spec/vectors"])
    cpSync(join(repository, part), join(copy, part), { recursive: true });
  const settings = readFileSync(join(copy, "foundry.toml"), "utf8");
  writeFileSync(join(copy, "foundry.toml"), settings.replace("optimizer = true", "optimizer = false"));
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
}

/** Runs the tests in the files named: the first that fails, or nothing. */
function failure(copy, files) {
  const path = `contracts/test/{staking,l1,l2}/{${files}}.t.sol`;
  const glob = files.includes(",") ? path : path.replace(`{${files}}`, files);
  const args = ["test", "--match-path", glob, "--gas-snapshot-check", "false", "--gas-snapshot-emit", "false"];
  const run = spawnSync(foundryBinary("forge"), args, { cwd: copy, encoding: "utf8" });
  if (/Compiler run failed|No tests (found|match)/.test(run.stdout + run.stderr))
    throw new Error(`${files}: ${run.stderr || run.stdout}`);
  return run.status === 0 ? undefined : (/^\[FAIL.*?\] (\S+)/m.exec(run.stdout)?.[1] ?? "ended");
}

breakEach({
  mutants: mutants.map(([name, file, from, to, tests]) => ({ name, patches: [[file, from, to]], tests })),
  words: process.argv.slice(2),
  sources: "contracts/src",
  fill,
  seen: (copy, { tests }) => failure(copy, tests),
});
