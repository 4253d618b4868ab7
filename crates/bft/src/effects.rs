//! What the core asks of the world: signatures and checks are answered at once through the host, everything else becomes an event.

use std::collections::BTreeSet;

use arc_malachitebft_core_consensus as core;
use arc_malachitebft_core_types as types;
use core::{ConsensusMsg, Effect, Resumable, Resume, ThresholdParams};
use serde::Serialize;
use types::{CertificateError, NilOrVal, SignedMessage, ThresholdParam, ValidatorSet, VoteType};

use crate::context::{Address, Ctx, MemberSet, Signature, ValueId, Vote};
use crate::host;
use crate::wire::{CertificateForm, InputForm, Message, TimeoutForm, signing_bytes};

/// What the host must do, in order.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub enum Event {
    CancelTimeouts,
    CancelTimeout {
        kind: TimeoutForm,
        round: i64,
    },
    ScheduleTimeout {
        kind: TimeoutForm,
        round: i64,
    },
    StartRound {
        height: u64,
        round: i64,
        proposer: Address,
        role: String,
    },
    /// To every other member, after what was logged so far is on disk.
    Send {
        message: Message,
    },
    /// The host must answer with `propose`.
    GetValue {
        height: u64,
        round: i64,
    },
    /// The payload of an earlier round must reach the members again.
    #[serde(rename_all = "camelCase")]
    Restream {
        height: u64,
        round: i64,
        valid_round: i64,
        proposer: Address,
        value: ValueId,
    },
    SyncAccepted {
        certificate: CertificateForm,
        proposer: Address,
    },
    SyncRejected {
        height: u64,
        reason: String,
    },
    /// To the write-ahead log, synced before anything later in this list is sent.
    Log {
        height: u64,
        entry: InputForm,
    },
    Decide {
        certificate: CertificateForm,
    },
    Finalize {
        height: u64,
        misbehaviour: bool,
    },
    Failed {
        reason: String,
    },
}

pub fn emit(event: &Event) {
    // Every type in Event serialises; a failure would be a bug worth a trap.
    host::emit(&serde_json::to_vec(event).expect("events serialise"));
}

fn certificate_form(c: &types::CommitCertificate<Ctx>) -> CertificateForm {
    CertificateForm {
        height: c.height.0,
        round: c.round.as_i64(),
        value: c.value_id,
        signatures: c.commit_signatures.iter().map(|s| (s.address, s.signature)).collect(),
    }
}

fn sign(ctx: &Ctx, message: &ConsensusMsg<Ctx>) -> Signature {
    Signature(host::sign(&signing_bytes(&ctx.domain, message)))
}

fn verify(ctx: &Ctx, message: &ConsensusMsg<Ctx>, signature: &Signature, signer: &Address) -> bool {
    host::verify(&signing_bytes(&ctx.domain, message), &signature.0, &signer.0)
}

/// Counts the weight behind distinct, valid votes of members.
fn check_votes(
    ctx: &Ctx,
    set: &MemberSet,
    threshold: ThresholdParam,
    votes: impl Iterator<Item = (Vote, Signature)>,
) -> Result<(), CertificateError<Ctx>> {
    let mut seen = BTreeSet::new();
    let mut signed = 0u64;
    for (vote, signature) in votes {
        let voter = vote.voter;
        if !seen.insert(voter) {
            return Err(CertificateError::DuplicateVote(voter));
        }
        let member = set.get_by_address(&voter).ok_or(CertificateError::UnknownValidator(voter))?;
        if !verify(ctx, &ConsensusMsg::Vote(vote), &signature, &voter) {
            return Err(CertificateError::InvalidCommitSignature(types::CommitSignature::new(voter, signature)));
        }
        signed += member.weight; // bounded by MemberSet::check
    }
    let total = set.total_voting_power();
    match threshold.is_met(signed, total) {
        true => Ok(()),
        false => Err(CertificateError::NotEnoughVotingPower { signed, total, expected: threshold.min_expected(total) }),
    }
}

fn check_commit(
    ctx: &Ctx,
    certificate: &types::CommitCertificate<Ctx>,
    set: &MemberSet,
    thresholds: ThresholdParams,
) -> Result<(), CertificateError<Ctx>> {
    let votes = certificate.commit_signatures.iter().map(|s| {
        let value = NilOrVal::Val(certificate.value_id);
        (Vote::new(VoteType::Precommit, certificate.height, certificate.round, value, s.address), s.signature)
    });
    check_votes(ctx, set, thresholds.quorum, votes)
}

fn check_polka(
    ctx: &Ctx,
    certificate: &types::PolkaCertificate<Ctx>,
    set: &MemberSet,
    thresholds: ThresholdParams,
) -> Result<(), CertificateError<Ctx>> {
    let votes = certificate.polka_signatures.iter().map(|s| {
        let value = NilOrVal::Val(certificate.value_id);
        (Vote::new(VoteType::Prevote, certificate.height, certificate.round, value, s.address), s.signature)
    });
    check_votes(ctx, set, thresholds.quorum, votes)
}

fn check_round(
    ctx: &Ctx,
    certificate: &types::RoundCertificate<Ctx>,
    set: &MemberSet,
    thresholds: ThresholdParams,
) -> Result<(), CertificateError<Ctx>> {
    let precommits = certificate.cert_type == types::RoundCertificateType::Precommit;
    if precommits && let Some(wrong) = certificate.round_signatures.iter().find(|s| s.vote_type != VoteType::Precommit)
    {
        return Err(CertificateError::InvalidVoteType(wrong.address));
    }
    let votes = certificate
        .round_signatures
        .iter()
        .map(|s| (Vote::new(s.vote_type, certificate.height, certificate.round, s.value_id, s.address), s.signature));
    check_votes(ctx, set, if precommits { thresholds.quorum } else { thresholds.honest }, votes)
}

/// Answers one effect of the core. Never fails: what the host must act on becomes an event.
pub fn handle(ctx: &Ctx, effect: Effect<Ctx>) -> Result<Resume<Ctx>, String> {
    Ok(match effect {
        Effect::SignVote(vote, r) => {
            let signature = sign(ctx, &ConsensusMsg::Vote(vote.clone()));
            r.resume_with(SignedMessage::new(vote, signature))
        }
        Effect::SignProposal(proposal, r) => {
            let signature = sign(ctx, &ConsensusMsg::Proposal(proposal.clone()));
            r.resume_with(SignedMessage::new(proposal, signature))
        }
        Effect::VerifySignature(message, key, r) => {
            r.resume_with(verify(ctx, &message.message, &message.signature, &key))
        }
        Effect::VerifyCommitCertificate(c, set, t, r) => r.resume_with(check_commit(ctx, &c, &set, t)),
        Effect::VerifyExtendedCommitCertificate(c, set, t, _, r) => {
            r.resume_with(check_commit(ctx, &c.trim_vote_extensions(), &set, t))
        }
        Effect::VerifyPolkaCertificate(c, set, t, r) => r.resume_with(check_polka(ctx, &c, &set, t)),
        Effect::VerifyRoundCertificate(c, set, t, r) => r.resume_with(check_round(ctx, &c, &set, t)),
        Effect::ExtendVote(.., r) => r.resume_with(None),
        Effect::VerifyVoteExtension(.., r) => r.resume_with(Ok(())),
        effect => return Ok(report(effect)),
    })
}

/// The effects that need no answer.
fn report(effect: Effect<Ctx>) -> Resume<Ctx> {
    let event = match effect {
        Effect::CancelAllTimeouts(_) => Event::CancelTimeouts,
        Effect::CancelTimeout(t, _) => Event::CancelTimeout { kind: TimeoutForm::of(&t.kind), round: t.round.as_i64() },
        Effect::ScheduleTimeout(t, _) => {
            Event::ScheduleTimeout { kind: TimeoutForm::of(&t.kind), round: t.round.as_i64() }
        }
        Effect::StartRound(height, round, proposer, role, _) => Event::StartRound {
            height: height.0,
            round: round.as_i64(),
            proposer,
            role: format!("{role:?}").to_lowercase(),
        },
        Effect::PublishConsensusMsg(message, _) => Event::Send { message: Message::from_consensus(&message) },
        Effect::PublishLivenessMsg(message, _) => Event::Send { message: Message::from_liveness(&message) },
        Effect::RepublishVote(vote, _) => Event::Send { message: Message::from_vote(&vote) },
        Effect::RepublishRoundCertificate(c, _) => Event::Send { message: Message::from_round_certificate(&c) },
        Effect::GetValue(height, round, _, _) => Event::GetValue { height: height.0, round: round.as_i64() },
        Effect::RestreamProposal(height, round, valid_round, proposer, value, _) => Event::Restream {
            height: height.0,
            round: round.as_i64(),
            valid_round: valid_round.as_i64(),
            proposer,
            value,
        },
        Effect::CertVerifiedSyncValue(value, proposer, _) => {
            Event::SyncAccepted { certificate: certificate_form(&value.certificate.trim_vote_extensions()), proposer }
        }
        Effect::CertRejectedSyncValue(_, height, error, _) => {
            Event::SyncRejected { height: height.0, reason: error.to_string() }
        }
        Effect::Decide(certificate, _, _) => Event::Decide { certificate: certificate_form(&certificate) },
        Effect::Finalize(certificate, _, misbehaviour, _) => {
            Event::Finalize { height: certificate.height.0, misbehaviour: !misbehaviour.is_empty() }
        }
        Effect::WalAppend(height, input, _) => match InputForm::for_log(&input) {
            Some(entry) => Event::Log { height: height.0, entry },
            None => return Resume::Continue,
        },
        other => Event::Failed { reason: format!("unanswered effect {other:?}") },
    };
    emit(&event);
    Resume::Continue
}
