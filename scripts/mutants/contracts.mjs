// Guards of the contracts whose loss a test must notice: for scripts/contract-mutants.mjs.
import { brokenIn } from "./brokenIn.mjs";

const pool = "l1/LockingPool.sol";
const queue = "l1/LockingPoolQueue.sol";
const state = "l1/LockingPoolState.sol";
const delegation = "l1/Delegation.sol";
const slashing = "l1/SlashingManager.sol";
const escrow = "l1/SlashingEscrow.sol";

export const contracts = [
  ...brokenIn(pool, "Seats", [
    ["a key may be taken twice", "if ($.seqSigners[signer] != 0)"],
    ["a key is changed as often as one likes", "if (seat.signerChangedAt == $.history.count())"],
    ["an owner has two seats", "if ($.seqOwners[owner] != 0)"],
    ["a stake passes the maximum", "if (locked > parameters.maxLock)"],
    [
      "anyone slashes",
      "function slash(uint256 seqId, uint256 fraction) external returns (SlashedStake memory taken) {\n        _onlySlashingManager();",
      "function slash(uint256 seqId, uint256 fraction) external returns (SlashedStake memory taken) {",
    ],
  ]),
  ...brokenIn("libraries/SignerProofs.sol", "Seats", [
    ["the proof is by anybody", "if (recovered != signer)"],
    ["the proof binds no owner", "abi.encode(TYPEHASH, owner, signer)", "abi.encode(TYPEHASH, signer, signer)"],
  ]),
  ...brokenIn(pool, "Admission", [["anyone is admitted", "if (!$.permissionless && !$.whitelist[msg.sender])"]]),
  ...brokenIn(queue, "ExitQueue", [
    [
      "an exit is paid before it starts",
      "if (exit.setIndex == $.history.count()) revert ExitNotStarted(exitId);",
      "if (exit.setIndex == $.history.count()) { exit.setIndex = 0; }",
    ],
    ["an exit is paid before its time", "if (block.timestamp < claimableAt)"],
    ["an exit does not wait for its epochs", "if (!_settledThrough(first.epoch - 1))"],
    ["an exit is paid twice", "if (exit.claimed)"],
    ["an exit is anybody's", "if (msg.sender != exit.owner)"],
  ]),
  ...brokenIn(state, "ExitQueue", [
    [
      "an exit waits for batches, not for those that may come",
      ": $.inbox.nextEpoch()) > epoch",
      ": type(uint64).max) > epoch",
    ],
    ["an exit leaves a slash", "* _storage().seats[exit.seqId].slashIndex / exit.slashIndex", "* 1"],
    ["a seat below the floor signs", "seat.amount < parameters.ejectionBelow || ", ""],
  ]),
  ...brokenIn(pool, "ExitQueue", [
    ["a slash leaves the index", "* (WHOLE - fraction) / WHOLE);", "* WHOLE / WHOLE);"],
    ["an exit still counts", "seat.amount = uint96(left);", ""],
    ["too little is left", "if (left != 0 && left < parameters.minLock)"],
    ["any seat is ejected", "if (amount >= parameters.ejectionBelow)"],
  ]),
  ...brokenIn(pool, "Slashing", [
    [
      "what is exiting is not slashed",
      "taken.exiting = uint96(seat.exiting * fraction / WHOLE);",
      "taken.exiting = 0;",
    ],
  ]),
  ...brokenIn(pool, "Freeze", [
    [
      "a set is frozen when its epoch runs",
      "if (block.number > lastBlock) revert FreezeTooLate(epoch, lastBlock);",
      "",
    ],
    ["a set is frozen ahead", "if (block.number < firstBlock) revert FreezeTooEarly(epoch, firstBlock);", ""],
    ["a set is frozen twice", "|| epoch <= _storage().history.last().epoch", ""],
    ["an empty set is frozen", "if (members.length == 0)"],
    ["a jail opens at once", "if (block.timestamp < until) revert StillJailed(seqId, until);", ""],
    ["a full line is closed", "if (_weight(seat, maxLock) <= least)", "if (true)"],
    ["a lighter seat takes a place", "if (_weight(seat, maxLock) <= least)"],
  ]),
  ...brokenIn(state, "Freeze", [["a jailed seat signs", "|| seat.jailedUntil != 0", ""]]),
  ...brokenIn("libraries/EpochSets.sol", "Freeze", [
    [
      "an older set is found",
      "if (sets[middle].epoch <= epoch) low = middle;",
      "if (sets[middle].epoch < epoch) low = middle;",
    ],
  ]),
  ...brokenIn("libraries/SeatWeights.sol", "SeatWeights,Vectors,Freeze", [
    ["no weight is capped", "weights.length >= CAPPED_FROM ? cap(weights)", "false ? cap(weights)"],
  ]),
  ...brokenIn("libraries/SeatWeights.sol", "SeatWeights", [
    ["the cap is one too high", "(rest - 1) / 2", "rest / 2"],
    ["delegated stake counts without bound", "if (weight > own * OWN_PART) weight = own * OWN_PART;", ""],
  ]),
  ...brokenIn("libraries/SeatWeights.sol", "SeatWeights,Vectors", [
    ["younger seats come first", "(weight << 64) | (type(uint64).max - seqId)", "(weight << 64) | seqId"],
  ]),
  ...brokenIn(slashing, "Slashing", [
    ["blocks of two numbers conflict", "|| attestationA.number != attestationB.number", ""],
    ["blocks of two generations conflict", "attestationA.generation != attestationB.generation ||", ""],
    ["one attestation conflicts with itself", "if (hashA == hashB)"],
    ["two seats conflict", "if (seqId == 0 || seqId != seqIdB)", "if (seqId == 0)"],
  ]),
  ...brokenIn(escrow, "Slashing", [
    ["evidence counts again", "if ($.evidenceUsed[evidenceId])"],
    ["anyone refunds", "if (msg.sender != $.council)"],
    ["a refund comes late", "if (block.timestamp >= slash.releaseAt)"],
    ["a release comes early", "if (block.timestamp < slash.releaseAt)"],
    ["a credit is paid twice", "$.credits[msg.sender] = 0;", ""],
  ]),
  ...brokenIn("libraries/Signatures.sol", "Slashing", [["a signature has two forms", "if (uint256(s) > HALF_ORDER)"]]),
  ...brokenIn("l1/LockingInfo.sol", "Seats", [["anyone moves the escrow", "if (msg.sender != LOCKING_POOL)"]]),
  ...brokenIn("libraries/ParameterBounds.sol", "SystemConfig", [
    ["exits outlive the windows", "staking.exitDelay > windows", "staking.exitDelay > 0"],
  ]),
  ...brokenIn("libraries/ParameterBounds.sol", "Trust", [
    [
      "governors: a withdrawal outlasts the timelock",
      "uint256(parameters.challengeWindow) + rules.maxBatchAge < delay",
      "delay > 0",
    ],
  ]),
  ...brokenIn("l1/SystemConfig.sol", "Trust", [
    [
      "governors: a hasty owner follows",
      "        super.acceptOwnership();\n        ParameterBounds.checkNotice(_storage().parameters, _storage().rules, _notice());",
      "        super.acceptOwnership();",
    ],
    [
      "governors: relations with the handover are held from one side",
      "_setParameters(parameters_, _storage().staking);\n        _checkOthers();",
      "_setParameters(parameters_, _storage().staking);",
    ],
    ["governors: the owner goes away", "revert OwnerNeeded();", ""],
    [
      "governors: a new guardian pauses at once",
      "        _storage().guardian = guardian_;",
      "        _storage().guardian = guardian_;\n        _storage().pausedUntil = 0;",
    ],
  ]),
  ...brokenIn("proxy/Timelock.sol", "Trust", [
    ["governors: the timelock is cut short", "_bound(newDelay, FLOOR);", ""],
    ["governors: a short timelock on Ethereum", "block.chainid == ETHEREUM ? LEAST_ON_ETHEREUM : 0", "0"],
  ]),
  ...brokenIn(queue, "Delegation", [
    ["anyone delegates for others", "if (msg.sender != _storage().delegation)"],
    ["a seat takes more than counts", "if (stake > counts)"],
    ["what is undelegated still counts", "seat.delegated -= uint96(amount);", ""],
    ["a paid exit is still there", "seat.exiting -= uint96(amount);", ""],
  ]),
  ...brokenIn(pool, "Delegation", [
    [
      "delegated stake is not slashed",
      "taken.delegated = uint96(seat.delegated * fraction / WHOLE);",
      "taken.delegated = 0;",
    ],
  ]),
  ...brokenIn(queue, "Refunds", [
    ["an exit paid before lost by a slash", "&& (!exit.claimed || exit.claimedIndex <= indexAfter)", ""],
    ["an exit queued after lost by a slash", "&& exit.slashIndex >= indexBefore", ""],
  ]),
  ...brokenIn(delegation, "Delegation", [
    ["dust is delegated", "if (amount < minimum)"],
    ["dust is left", "if (worth < minimum)"],
    ["more shares than one has", "|| shares > available", ""],
    ["shares are not priced", "amount * total / stake.delegated;", "amount;"],
    ["shares are rounded up", ": amount * total / stake.delegated;", ": amount * total / stake.delegated + 1;"],
    ["a redelegation goes on twice", "delete $.redelegations[exitId];", ""],
    ["a redelegation is to the same seat", "if (fromSeqId == toSeqId)"],
  ]),
  ...brokenIn(delegation, "SeatTerms", [
    ["a commission rises at once", "if (block.timestamp < allowedAt)"],
    ["a commission rises by any step", "if (next < highest)"],
    ["a commission has no bound", "if (commission > highest)"],
    ["anyone sets a seat's terms", "if (stake.owner != msg.sender)"],
  ]),
  ...brokenIn(escrow, "Refunds", [
    ["a refund is claimed twice", "if ($.refundClaimed[slashId][claimant])"],
    ["a slash that stands is refunded", "if (slash.status != SlashStatus.Refunded)"],
    [
      "the owner gets the delegators' refund",
      "uint256 own = _refundOf(slash, slash.own);",
      "uint256 own = slash.amount;",
    ],
  ]),
  ...brokenIn("libraries/BlockInclusion.sol", "BrokenOrder", [
    ["an unsettled claim proves", "status != ClaimStatus.Settled ||", ""],
    ["an invented claim proves", "|| claimHash != given.claim.hash()", ""],
    ["a block's number is free", "if (root != given.claim.outputsRoot)"],
    [
      "a block stands in another batch",
      "if (number < first || number > last) revert ISlashingManager.BlockNotInClaim(number);",
      "if (number < first || number > last) return;",
    ],
    ["later is before", "return a.number < b.number ||", "return a.number > b.number ||"],
    ["one place is before itself", "a.index < b.index", "a.index <= b.index"],
  ]),
  ...brokenIn("libraries/OrderEvidence.sol", "BrokenOrder", [
    ["receipts of two keys conflict", "if (signer != other)"],
    ["receipts of two generations conflict", "if (a.receipt.generation != b.receipt.generation)"],
    ["the higher sequence was passed over", "if (passedOver.sequence >= preferred.sequence)"],
    ["order that was kept conflicts", "if (!BlockInclusion.isBefore(early, late))"],
    ["another's transaction is in line", "if (place.transactionHash != receipt.transactionHash)"],
    ["another's block binds", "place.proposer != signer ||", ""],
    ["another generation's block binds", "|| place.generation != receipt.generation", ""],
    ["a receipt binds before its time", "place.number >= receipt.firstBlock &&", ""],
    ["a receipt binds after its time", "&& place.number <= receipt.lastBlock", ""],
  ]),
  ...brokenIn("libraries/MerkleRoot.sol", "BrokenOrder", [
    ["a path is cut short", "if (used == path.length)", "if (used == path.length) break; if (false)"],
    ["a path is drawn out", "if (used != path.length)"],
  ]),
  ...brokenIn(slashing, "BrokenOrder", [
    ["two sequences are one", "a.receipt.sequence != b.receipt.sequence ||", ""],
    ["a transaction twice is a double sequence", "|| a.receipt.transactionHash == b.receipt.transactionHash", ""],
    ["a stranger's receipts are a seat's", "if (seqId == 0) revert NotASeat", "if (false) revert NotASeat"],
  ]),
  ...brokenIn(slashing, "Offences", [
    ["anyone says that a claim is wrong", "if (msg.sender != $.disputes)"],
    ["any certificate is punished", "$.inbox.checkClaim(batchIndex, claim, certificate);", ""],
    ["who did not sign is punished", "if ((certificate.bitmap >> i) & 1 == 0) continue;", ""],
    ["one that has nothing protects all", "|| !_hasStake(seqId)", ""],
    ["disputes are named twice", "if ($.disputes != address(0))"],
    [
      "anyone names the disputes",
      "function nameDisputes(address disputes_) external {\n        _onlySystemOwner();",
      "function nameDisputes(address disputes_) external {",
    ],
    ["anyone punishes", "if (msg.sender != _storage().handover)"],
  ]),
  ...brokenIn(delegation, "Rewards", [
    ["anyone credits rewards", "if (msg.sender != _storage().emissionReserve)"],
    ["rewards are withdrawn twice", "$.credits[msg.sender] = 0;", ""],
    ["newcomers earn what was before them", "seat.creditedPerShare[delegator] = seat.earnedPerShare;", ""],
    ["a commission is not taken", "* (BASIS_POINTS - commission)", "* BASIS_POINTS"],
  ]),
  ...brokenIn("l1/EmissionReserve.sol", "Rewards", [
    ["anyone says what was attended", "if (msg.sender != address($.messenger))"],
    ["any L2 contract says what was attended", "if (sender != Predeploys.METIS_SEQUENCER_SET)"],
    ["an epoch is paid twice", "if ($.distributed[epoch])"],
    ["any attendance is paid", "if (keccak256(abi.encode(blocks, words)) != $.attendances[epoch])"],
    ["any set is paid", "if (setHash != given)"],
    ["who was away is paid", "attested * 2 < worth.blocks", "false"],
    [
      "a tombstoned seat is paid",
      ".status == SeatStatus.Tombstoned) continue;",
      ".status == SeatStatus.Unavailable) continue;",
    ],
    ["the cap is passed", "if (reward > $.parameters.epochCap)"],
    ["the reserve is overdrawn", "if (reward > held)"],
  ]),
  ...brokenIn("l2/MetisSequencerSet.sol", "Attendance", [
    ["a block counts twice", "added.firstBlock < next ||", ""],
    ["blocks to come count", "|| end > block.number", ""],
    ["an open epoch is reported", "if (current < epoch + 2)"],
    ["an epoch is reported twice", "if (count.reported)"],
    ["a closed epoch counts", "|| current >= uint256(epoch) + 2", ""],
  ]),
  ...brokenIn("libraries/PostingCost.sol", "PosterVault", [
    ["blobs beside a batch are paid back", "if (inBlobs) while", "while"],
  ]),
];
