//! Which events an endpoint gets.

use crate::domain::event::EventType;

/// All events.
const ALL: &str = "*";

/// What ends a subscription to all events of a kind: `order.*`.
const ANY: &str = ".*";

/// Whether a subscription names events that there are: `order.placed`, `order.*` or `*`.
#[must_use]
pub fn is_known_type(text: &str) -> bool {
    EventType::ALL.iter().any(|known| names(text, known.as_str()))
}

/// The types that an endpoint subscribes to.
#[derive(Debug, Clone, Copy)]
pub struct Subscription<'a>(pub &'a [String]);

impl Subscription<'_> {
    /// Whether it has the events of this type. Events that try another endpoint concern nobody.
    #[must_use]
    pub fn has(self, event_type: &str) -> bool {
        event_type != EventType::WebhookEndpointTested.as_str() && self.0.iter().any(|text| names(text, event_type))
    }
}

fn names(text: &str, event_type: &str) -> bool {
    let is_of = |kind: &str| event_type.strip_prefix(kind).is_some_and(|rest| rest.starts_with('.'));
    text == ALL || text == event_type || text.strip_suffix(ANY).is_some_and(is_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_kinds_and_all_are_told_apart() {
        for (text, event_type, expected) in [
            ("*", "order.placed", true),
            ("order.placed", "order.placed", true),
            ("order.*", "order.placed", true),
            ("order.*", "order.", true),
            ("order.*", "orders.placed", false),
            ("order.placed", "order.placed2", false),
            ("order", "order.placed", false),
            (".*", "order.placed", false),
            ("ord*", "order.placed", false),
            ("order.pl*", "order.placed", false),
            ("**", "order.placed", false),
            ("*", "webhook_endpoint.tested", false),
            ("webhook_endpoint.*", "webhook_endpoint.tested", false),
            ("webhook_endpoint.*", "webhook_endpoint.paused", true),
        ] {
            assert_eq!(Subscription(&[text.to_owned()]).has(event_type), expected, "{text} and {event_type}");
        }
        assert!(!Subscription(&[]).has("order.placed"));
    }

    #[test]
    fn subscriptions_that_nothing_would_meet_are_known() {
        for known in ["*", "order.placed", "order.*", "webhook_endpoint.paused"] {
            assert!(is_known_type(known), "{known}");
        }
        for wrong in
            ["", "order", "order.", "order.lost", "orders.*", "Order.placed", ".*", "order.placed.*", "order.*.*"]
        {
            assert!(!is_known_type(wrong), "{wrong}");
        }
    }
}
