//! The life of an endpoint and of its deliveries.

use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::domain::ids::{EventId, TypedId, WebhookDeliveryId};

const START: Time = Time::from_micros(1_000_000);

fn endpoint() -> WebhookEndpoint {
    let new = NewEndpoint {
        url: "https://example.com/".to_owned(),
        event_types: vec!["*".to_owned()],
        description: String::new(),
        reference: None,
        metadata: Metadata::new(),
    };
    WebhookEndpoint::new(WebhookEndpointId::from_uuid(Uuid::nil()), new, START)
}

fn delivery() -> WebhookDelivery {
    let endpoint = WebhookEndpointId::from_uuid(Uuid::nil());
    let told = (EventId::from_uuid(Uuid::nil()), "order.placed");
    WebhookDelivery::of(WebhookDeliveryId::from_uuid(Uuid::nil()), endpoint, told, (Uuid::nil(), 1), START)
}

fn failure(status: u16) -> Outcome {
    Outcome::answered(status, "", Duration::ZERO)
}

#[test]
fn every_action_is_told_what_it_may() {
    use EndpointAction::{Delete, Disable, Pause, Resume, Test};
    use EndpointStatus::{Disabled, Enabled, Paused};
    for (state, action, expected) in [
        (Enabled, Pause, Some(true)),
        (Enabled, Resume, Some(false)),
        (Enabled, Test, Some(true)),
        (Enabled, Disable, Some(true)),
        (Enabled, Delete, Some(true)),
        (Paused, Pause, Some(false)),
        (Paused, Resume, Some(true)),
        (Paused, Test, None),
        (Paused, Disable, None),
        (Paused, Delete, Some(true)),
        (Disabled, Pause, None),
        (Disabled, Resume, Some(true)),
        (Disabled, Test, None),
        (Disabled, Disable, Some(false)),
        (Disabled, Delete, Some(true)),
    ] {
        assert_eq!(state.asks(action), expected, "{action:?} in {state:?}");
    }
}

#[test]
fn an_update_that_changes_nothing_leaves_everything() {
    let before = endpoint();
    let same = EndpointPatch { url: Some(before.url.clone()), reference: Some(None), ..EndpointPatch::default() };
    assert_eq!(before.updated(same, Time::from_micros(5)), before);
    let patch = EndpointPatch { description: Some("x".to_owned()), ..EndpointPatch::default() };
    let after = before.updated(patch, Time::from_micros(5));
    assert_eq!((after.version, after.update_time, after.description.as_str()), (2, Time::from_micros(5), "x"));
}

#[test]
fn resuming_forgets_what_failed() {
    let failing = WebhookEndpoint { failing_since: Some(START), ..endpoint() };
    let disabled = failing.disabled(DisableReason::Gone, START);
    assert_eq!((disabled.status, disabled.disable_reason), (EndpointStatus::Disabled, Some(DisableReason::Gone)));
    let resumed = disabled.resumed(START);
    assert_eq!((resumed.status, resumed.disable_reason, resumed.failing_since), (EndpointStatus::Enabled, None, None));
    assert_eq!(resumed.version, 3);
}

#[test]
fn attempts_follow_the_schedule_and_end() {
    let (mut now, mut found) = (START, delivery());
    for minutes in [0, 5, 30, 120, 300, 600, 840, 1_200, 1_440] {
        let wait = if minutes == 0 { Duration::from_secs(5) } else { Duration::from_mins(minutes) };
        let late = found.attempted(&failure(500), now, u32::MAX).next_attempt_time.expect("another attempt");
        assert_eq!(late, now.plus(wait + wait / 10), "the most jitter");
        found = found.attempted(&failure(500), now, 0);
        now = now.plus(wait);
        assert_eq!((found.status, found.next_attempt_time), (DeliveryStatus::Pending, Some(now)));
    }
    found = found.attempted(&failure(500), now, 0);
    assert_eq!((found.status, found.next_attempt_time), (DeliveryStatus::Failed, None));
    assert_eq!((found.attempt_count, found.version), (10, 11));
    let again = found.again(now);
    assert_eq!((again.status, again.step, again.next_attempt_time), (DeliveryStatus::Pending, 0, Some(now)));
    let taken = again.attempted(&failure(204), now, 0);
    assert_eq!((taken.status, taken.deliver_time, taken.attempt_count), (DeliveryStatus::Succeeded, Some(now), 11));
}

#[test]
fn what_is_tried_before_its_time_waits_on() {
    let waiting =
        delivery().attempted(&failure(500), START, 0).attempted(&failure(500), START.plus(Duration::from_secs(5)), 0);
    let early = WebhookDelivery { next_attempt_time: Some(START.plus(Duration::from_mins(1))), ..waiting.clone() };
    let failed = early.attempted(&failure(500), START.plus(Duration::from_mins(1)), 0);
    assert_eq!((failed.step, failed.next_attempt_time), (waiting.step, waiting.scheduled_time));
    assert_eq!(failed.attempt_count, 3);
}

#[test]
fn outcomes_judge_the_endpoint() {
    let well = endpoint();
    let at = |hours| START.plus(Duration::from_hours(hours));
    assert_eq!(failure(200).verdict(&well, START), Verdict::default());
    assert_eq!(failure(500).verdict(&well, START).failing_since, Some(START));
    let failing = WebhookEndpoint { failing_since: Some(START), ..endpoint() };
    let verdict = failure(302).verdict(&failing, at(119));
    assert_eq!((verdict.failing_since, verdict.disable), (Some(START), None));
    assert_eq!(failure(500).verdict(&failing, at(120)).disable, Some(DisableReason::Failing));
    assert_eq!(failure(410).verdict(&well, START).disable, Some(DisableReason::Gone));
    let recovered = failure(200).verdict(&failing, at(1));
    assert_eq!((recovered.failing_since, recovered.is_recovered), (None, true));
    assert!(!failure(200).verdict(&failing, START.plus(Duration::from_secs(59))).is_recovered);
}

#[test]
fn answers_are_told_apart_and_cut() {
    for (status, error) in [
        (200, None),
        (204, None),
        (299, None),
        (301, Some(AttemptError::Redirect)),
        (304, Some(AttemptError::Redirect)),
        (400, Some(AttemptError::BadStatus)),
        (503, Some(AttemptError::BadStatus)),
        (199, Some(AttemptError::BadStatus)),
    ] {
        assert_eq!(failure(status).error, error, "{status}");
    }
    let long = Outcome::answered(200, &"\0é".repeat(2_000), Duration::ZERO);
    assert_eq!(long.body, "é".repeat(MAX_BODY_CHARS));
}
