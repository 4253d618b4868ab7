// Guards of the emergency handover whose loss a test must notice: for scripts/contract-mutants.mjs.
const rescue = "l1/EmergencyHandover.sol";
const rescueState = "l1/EmergencyHandoverState.sol";
const inbox = "l1/BatchInbox.sol";
/** [what is broken, file, text, what it becomes, test files that must notice]. */
export const handover = [
  ["a handover comes while enough are there", rescueState, "if (present * 3 > total * 2)", "if (false)", "Handover"],
  [
    "a handover comes before the silent have decayed",
    rescueState,
    "if (present * 3 <= counted * 2)",
    "if (false)",
    "Handover",
  ],
  ["one seat takes over", rescueState, "if (presence.seats < $.parameters.minSeats)", "if (false)", "Handover"],
  [
    "any members are judged",
    rescueState,
    "if (given != expected) revert WrongSet",
    "if (false) revert WrongSet",
    "Handover",
  ],
  [
    "a batch leaves an announcement standing",
    rescueState,
    "&& given.certifiedAt == $.inbox.certifiedAt()",
    "",
    "Handover",
  ],
  ["a handover does not wait for pinWindow", rescue, "if (block.timestamp < readyAt)", "if (false)", "Handover"],
  ["a frozen set ends no handover", rescueState, "frozen > last.frozenSets &&", "false &&", "Handover"],
  [
    "the silent are not jailed",
    rescueState,
    "punish(seqId, Offence.Silence, 0, 0, true",
    "punish(seqId, Offence.Silence, 0, 0, false",
    "Handover",
  ],
  ["anyone raises the generation", inbox, "if (msg.sender != address($.emergencyHandover))", "if (false)", "Handover"],
  [
    "an escape counts as a sign of life",
    inbox,
    "$.postedAt = uint64(block.timestamp);",
    "$.postedAt = uint64(block.timestamp); $.certifiedAt = $.postedAt;",
    "Handover",
  ],
  ["a lower block is pinned", rescue, "if (attestation.number <= $.pinned.number)", "if (false)", "Pin"],
  ["a block of another L1 is pinned", rescue, "if (anchorHash != attestation.anchorHash)", "if (false)", "Pin"],
  [
    "a pin is lost with the next handover",
    rescueState,
    "last.batchCount == $.inbox.batchCount() ? last.pin",
    "false ? last.pin",
    "Pin",
  ],
  ["another parent keeps to the pin", rescue, "if (_parentHash(header) == bound.blockHash)", "if (true)", "Pin"],
  ["any header is evidence", rescue, "if (keccak256(header) != attestation.blockHash)", "if (false)", "Pin"],
  ["an old heartbeat counts", rescueState, "|| number + HEARTBEAT_BLOCKS < block.number", "", "Silence"],
  ["a heartbeat of another L1 counts", rescueState, "if (known != beat.l1BlockHash)", "if (false)", "Silence"],
  [
    "anybody's heartbeat counts",
    rescue,
    "if ($.pool.seqSigners(signer) == 0) revert UnknownSigner(signer);\n\n",
    "",
    "Silence",
  ],
  [
    "who comes back in time is punished",
    rescue,
    "if (left != 0 && block.timestamp < left + $.parameters.silenceLimit)",
    "if (false)",
    "Silence",
  ],
  ["the silent are punished early", rescue, "if (block.timestamp < limitAt)", "if (false)", "Silence"],
  [
    "the silent are punished twice",
    rescue,
    "delete $.leftOutSince[signer];\n        uint256 seqId",
    "uint256 seqId",
    "Silence",
  ],
];
