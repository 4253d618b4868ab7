// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Certificates} from "../../src/libraries/Certificates.sol";
import {Certificate} from "../../src/types/Certificate.sol";

/// @notice The certificate library behind a call of its own, so that a test can see it refuse.
contract CertificateChecker {
    function check(Certificate calldata certificate, bytes32 digest, bytes32 setHash, uint256 totalWeight)
        external
        pure
    {
        Certificates.check(certificate, digest, setHash, totalWeight);
    }
}
