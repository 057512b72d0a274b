//! Approvals and their policies, as tables.

use std::time::Duration;

use super::*;
use crate::domain::Metadata;
use crate::domain::ids::TypedId;
use crate::domain::money::Currency;

fn money(code: &str, minor_units: i64) -> Money {
    Money::new(Currency::parse(code).expect("a currency"), minor_units).expect("in range")
}

fn at(micros: i64) -> Time {
    Time::from_micros(micros)
}

fn party(owner: &str) -> Party {
    Party { key: ApiKeyId::from_uuid(Uuid::from_u128(7)), owner: owner.to_owned() }
}

fn pending() -> Approval {
    let need = Need { role: Approver::Admin, policies: vec![policy(1, vec![]).id], expires_after: DEFAULT_EXPIRY };
    let new = NewApproval {
        subject_id: Uuid::from_u128(9),
        customer: CustomerId::from_uuid(Uuid::from_u128(8)),
        matter: Matter::new(ApprovalSubject::Order, money("GBP", 5), 0),
        need,
        requested_by: party("ada"),
        authors: vec!["ada".to_owned(), "bob".to_owned()],
    };
    Approval::new(ApprovalId::from_uuid(Uuid::from_u128(1)), new, at(10))
}

fn policy(id: u128, tiers: Vec<Tier>) -> ApprovalPolicy {
    let new = NewPolicy {
        name: "limit".to_owned(),
        subject: ApprovalSubject::Order,
        tiers,
        expires_after: DEFAULT_EXPIRY,
        metadata: Metadata::new(),
    };
    ApprovalPolicy::new(ApprovalPolicyId::from_uuid(Uuid::from_u128(id)), new, at(1))
}

fn tier(amount: Option<(&str, i64)>, discount: Option<i32>, role: Approver) -> Tier {
    Tier { amount_over: amount.map(|(code, units)| money(code, units)), discount_over_bps: discount, role }
}

#[test]
fn every_state_knows_every_action() {
    use ApprovalAction::{Approve, Expire, Reject, Void};
    use ApprovalStatus::{Approved, Expired, Pending, Rejected, Voided};
    let (due, done, illegal) = (Some(true), Some(false), None);
    let actions = [Approve, Reject, Void, Expire];
    let table = [
        (Pending, [due, due, due, due]),
        (Approved, [done, illegal, illegal, illegal]),
        (Rejected, [illegal, done, illegal, illegal]),
        (Voided, [illegal, illegal, done, illegal]),
        (Expired, [illegal, illegal, illegal, done]),
    ];
    assert_eq!((table.len(), actions.len()), (ApprovalStatus::ALL.len(), ApprovalAction::ALL.len()));
    for (status, expected) in table {
        assert_eq!(actions.map(|action| status.asks(action)), expected, "{status:?}");
        assert_eq!(status.legal(), if status == Pending { actions.to_vec() } else { vec![] }, "{status:?}");
    }
}

#[test]
fn a_decision_is_written_down_once() {
    let before = pending();
    assert_eq!((before.version, before.expire_time), (1, at(10).plus(DEFAULT_EXPIRY)));
    for (verdict, status) in [(Verdict::Approve, ApprovalStatus::Approved), (Verdict::Reject, ApprovalStatus::Rejected)]
    {
        let after = before.decided(verdict, party("eve"), "fine".to_owned(), at(20));
        let expected = Approval {
            status,
            reason: "fine".to_owned(),
            decision: Some(Decision { by: party("eve"), time: at(20) }),
            version: 2,
            update_time: at(20),
            ..before.clone()
        };
        assert_eq!(after, expected);
        assert_eq!(verdict.action().as_str(), if verdict == Verdict::Approve { "approve" } else { "reject" });
    }
    let voided = before.voided(at(20));
    assert_eq!((voided.status, voided.version, voided.decision), (ApprovalStatus::Voided, 2, None));
}

#[test]
fn one_that_is_due_counts_as_expired_and_is_written_down_as_it_was_seen() {
    let before = pending();
    let end = before.expire_time;
    assert_eq!(before.clone().at(at(end.micros() - 1)), before);
    let seen = before.clone().at(end);
    assert_eq!((seen.status, seen.version, seen.update_time), (ApprovalStatus::Expired, 2, end));
    assert_eq!(before.clone().at(at(end.micros() + 5)), seen, "whenever it is looked at");
    let decided = before.decided(Verdict::Approve, party("eve"), String::new(), at(20));
    assert_eq!(decided.clone().at(end), decided, "only what is pending runs out");
}

#[test]
fn four_eyes_and_a_role_that_is_high_enough() {
    let approval = pending();
    let (manager, admin, platform) = (Some(Approver::Manager), Some(Approver::Admin), Some(Approver::Platform));
    for (owner, role, expected) in [
        ("ada", platform, Err(Barred::Own)),
        ("bob", platform, Err(Barred::Own)),
        ("eve", None, Err(Barred::Role(Approver::Admin))),
        ("eve", manager, Err(Barred::Role(Approver::Admin))),
        ("eve", admin, Ok(())),
        ("eve", platform, Ok(())),
        ("Ada", admin, Ok(())),
    ] {
        assert_eq!(approval.check_decider(owner, role), expected, "{owner} {role:?}");
    }
    let other = Approval { authors: vec![], ..approval };
    assert_eq!(other.check_decider("ada", admin), Err(Barred::Own), "who asked is barred in any case");
}

#[test]
fn a_tier_catches_what_all_its_conditions_say() {
    use Approver::Manager;
    for (given, amount, discount, expected) in [
        (tier(None, None, Manager), ("GBP", 0), 0, true),
        (tier(Some(("GBP", 100)), None, Manager), ("GBP", 100), 0, false),
        (tier(Some(("GBP", 100)), None, Manager), ("GBP", 101), 0, true),
        (tier(Some(("GBP", 100)), None, Manager), ("EUR", 1_000_000), 0, false),
        (tier(Some(("JPY", 0)), None, Manager), ("JPY", 1), 0, true),
        (tier(None, Some(1000), Manager), ("GBP", 1), 1000, false),
        (tier(None, Some(1000), Manager), ("EUR", 1), 1001, true),
        (tier(Some(("GBP", 100)), Some(1000), Manager), ("GBP", 101), 1000, false),
        (tier(Some(("GBP", 100)), Some(1000), Manager), ("GBP", 100), 1001, false),
        (tier(Some(("GBP", 100)), Some(1000), Manager), ("GBP", 101), 1001, true),
        (tier(Some(("GBP", 100)), Some(1000), Manager), ("EUR", 101), 1001, false),
    ] {
        let matter = Matter::new(ApprovalSubject::Order, money(amount.0, amount.1), discount);
        assert_eq!(given.catches(&matter), expected, "{given:?} {matter:?}");
    }
}

#[test]
fn of_all_that_catches_the_highest_role_and_the_soonest_end_count() {
    use Approver::{Admin, Manager, Platform};
    let hour = Duration::from_hours(1);
    let steps = policy(
        1,
        vec![
            tier(Some(("GBP", 100)), None, Manager),
            tier(Some(("GBP", 1000)), None, Admin),
            tier(Some(("EUR", 10)), None, Platform),
        ],
    );
    let discounts = ApprovalPolicy { expires_after: hour, ..policy(2, vec![tier(None, Some(500), Admin)]) };
    let refunds = ApprovalPolicy { subject: ApprovalSubject::Refund, ..policy(3, vec![tier(None, None, Platform)]) };
    let policies = [steps.clone(), discounts.clone(), refunds.clone()];
    for (amount, discount, expected) in [
        (("GBP", 100), 0, None),
        (("GBP", 101), 0, Some((Manager, vec![steps.id], DEFAULT_EXPIRY))),
        (("GBP", 1001), 0, Some((Admin, vec![steps.id], DEFAULT_EXPIRY))),
        (("GBP", 101), 501, Some((Admin, vec![steps.id, discounts.id], hour))),
        (("JPY", 5000), 501, Some((Admin, vec![discounts.id], hour))),
        (("EUR", 11), 501, Some((Platform, vec![steps.id, discounts.id], hour))),
        (("JPY", 5000), 500, None),
    ] {
        let found = need(&policies, &Matter::new(ApprovalSubject::Order, money(amount.0, amount.1), discount));
        let expected = expected.map(|(role, policies, expires_after)| Need { role, policies, expires_after });
        assert_eq!(found, expected, "{amount:?} {discount}");
    }
    let matter = Matter::new(ApprovalSubject::Quote, money("GBP", 5000), 10_000);
    assert_eq!(need(&policies, &matter), None, "nothing is said of quotes");
    assert_eq!(need(&[], &matter), None);
}

#[test]
fn discounts_are_rounded_up() {
    for (discount, subtotal, expected) in
        [(0, 100, 0), (1, 10_000, 1), (1, 10_001, 1), (1, 9_999, 2), (100, 1000, 1000), (5, 0, 0), (9, 9, 10_000)]
    {
        assert_eq!(discount_bps(money("GBP", discount), money("GBP", subtotal)), expected, "{discount} of {subtotal}");
    }
    let most = crate::domain::money::MAX_MINOR_UNITS;
    assert_eq!(discount_bps(money("GBP", most), money("GBP", most)), 10_000);
    assert_eq!(discount_bps(money("GBP", most), money("GBP", 1)), 10_000, "never more than all of it");
}

#[test]
fn an_update_of_a_policy_moves_its_version_once() {
    let before = policy(1, vec![tier(None, None, Approver::Manager)]);
    let same = PolicyPatch { name: Some(before.name.clone()), tiers: Some(before.tiers.clone()), ..Default::default() };
    assert_eq!(before.updated(same, at(5)), before);
    let patch = PolicyPatch { expires_after: Some(Duration::from_mins(1)), ..Default::default() };
    let expected =
        ApprovalPolicy { expires_after: Duration::from_mins(1), version: 2, update_time: at(5), ..before.clone() };
    assert_eq!(before.updated(patch, at(5)), expected);
    assert_eq!(before.deleted(at(6)).version, 2);
}
