// Guards of what members are punished for that are away, or never lead: for scripts/contract-mutants.mjs.
const slashing = "l1/SlashingManager.sol";

/** [what is broken, file, text, what it becomes, test files that must notice]. */
export const absences = [
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
    "if (told != _storage().reserve.attendanceHashOf(epoch))",
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
    "ABSENCE, msg.sender);\n        _jail(seqId);",
    "ABSENCE, msg.sender);",
    "Offences",
  ],
  ["who proposed did not", slashing, "if (proposed != 0)", "if (false)", "NoProposal"],
  [
    "one own term without a block is enough",
    "libraries/Attendance.sol",
    "TERMS_WITHOUT_BLOCK = 12",
    "TERMS_WITHOUT_BLOCK = 1",
    "NoProposal",
  ],
  [
    "every member's share is the whole",
    slashing,
    "letsTurnsPass(inAll, member.weight,",
    "letsTurnsPass(inAll, totalWeight,",
    "NoProposal",
  ],
  [
    "a wait goes on through another set",
    slashing,
    "_requireSet(epoch, members);\n            (uint256",
    "if (epoch == firstEpoch) _requireSet(epoch, members);\n            (uint256",
    "NoProposal",
  ],
  [
    "an epoch counts for many absences",
    slashing,
    "if (epoch != last) _use(_absenceId(seqId, epoch));",
    "",
    "NoProposal",
  ],
];
