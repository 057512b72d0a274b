//! What the build makes of the contract for people and tools: the OpenAPI document and the list of errors; and the state
//! diagrams, made of the tables that decide. Copies are kept in `docs/`, so that a change of the contract is seen in review.

use crate::domain::approval::ApprovalStatus;
use crate::domain::job::JobStatus;
use crate::domain::order::OrderStatus;
use crate::domain::payment::PaymentState;
use crate::domain::quote::QuoteStatus;
use crate::domain::refund::RefundStatus;
use crate::domain::report::ReportStatus;
use crate::domain::reservation::ReservationStatus;
use crate::domain::returns::ReturnStatus;
use crate::domain::shipment::ShipmentStatus;
use crate::domain::states::{self, Machine};
use crate::domain::webhook::EndpointStatus;

/// The OpenAPI 3.1 document.
pub const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The error catalog as Markdown.
pub const ERRORS: &str = include_str!(concat!(env!("OUT_DIR"), "/errors.md"));

/// What opens the page of the state diagrams.
const ABOUT_STATES: &str = "\
# States

Which moves there are, made from the tables that decide; a test keeps this page true. A move is named by its REST verb; `update`,
`replace` and `delete` are PATCH, PUT and DELETE. The service itself approves, rejects, voids and expires, and runs jobs: those moves are nobody's to
call, but for the verbs of an approval. A move that has led here already does nothing and succeeds; any other one is
`illegal_transition` (409), and tells what is legal. What else a move asks for, its RPC says; `allowed_actions` lists what is legal now, for you.
";

/// Something that has states.
#[derive(Debug)]
pub struct Picture {
    /// What it is.
    pub title: &'static str,
    /// Its diagram, in Mermaid.
    pub diagram: String,
    /// The names of the states that a new one begins in.
    pub starts: Vec<&'static str>,
    /// Every state that it may be in.
    pub states: Vec<&'static str>,
    /// Every move: from, action, to; `None`: it is gone.
    pub moves: Vec<(&'static str, &'static str, Option<&'static str>)>,
}

/// Everything that has states.
#[must_use]
pub fn pictures() -> Vec<Picture> {
    vec![
        picture("Order", OrderStatus::ALL),
        picture("Quote", QuoteStatus::ALL),
        picture("Approval", ApprovalStatus::ALL),
        picture("Reservation", ReservationStatus::ALL),
        picture("Payment", PaymentState::ALL),
        picture("Refund", RefundStatus::ALL),
        picture("Shipment", ShipmentStatus::ALL),
        picture("Return", ReturnStatus::ALL),
        picture("Job", JobStatus::ALL),
        picture("Report", ReportStatus::ALL),
        picture("Webhook endpoint", EndpointStatus::ALL),
    ]
}

fn picture<M: Machine>(title: &'static str, states: &[M]) -> Picture {
    let name = |state: &M| state.state_name();
    let moves = M::MOVES.iter();
    Picture {
        title,
        diagram: states::diagram::<M>(),
        starts: M::STARTS.iter().map(name).collect(),
        states: states.iter().map(name).collect(),
        moves: moves.map(|step| (name(&step.from), M::action_name(step.action), step.to.as_ref().map(name))).collect(),
    }
}

/// The state diagrams as Markdown.
#[must_use]
pub fn states() -> String {
    let section = |picture: Picture| format!("\n## {}\n\n```mermaid\n{}```\n", picture.title, picture.diagram);
    std::iter::once(ABOUT_STATES.to_owned()).chain(pictures().into_iter().map(section)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Longest page of state diagrams, in lines.
    const MAX_LINES: usize = 180;

    /// Compares with the copy, or renews it when `UPDATE_GOLDEN` is set.
    fn check(file: &str, made: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, made).expect("writable");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "docs/{file} is not what the contract makes: run UPDATE_GOLDEN=1 cargo test published");
    }

    #[test]
    fn the_copies_are_those_of_this_contract() {
        check("openapi.json", OPENAPI);
        check("errors.md", ERRORS);
        check("states.md", &states());
    }

    #[test]
    fn the_document_is_json() {
        let document: serde_json::Value = serde_json::from_str(OPENAPI).expect("JSON");
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn every_state_can_be_reached() {
        for picture in pictures() {
            let mut reached: BTreeSet<_> = picture.starts.iter().copied().collect();
            loop {
                let before = reached.len();
                let next = picture.moves.iter().filter(|(from, ..)| reached.contains(from)).filter_map(|(.., to)| *to);
                reached.extend(next.collect::<Vec<_>>());
                if reached.len() == before {
                    break;
                }
            }
            let all: BTreeSet<_> = picture.states.iter().copied().collect();
            assert_eq!(reached, all, "{}", picture.title);
            assert_eq!(all.len(), picture.states.len(), "{}: two states of one name", picture.title);
        }
    }

    #[test]
    fn no_move_is_listed_twice() {
        for picture in pictures() {
            let all: BTreeSet<_> = picture.moves.iter().collect();
            assert_eq!(all.len(), picture.moves.len(), "{}", picture.title);
        }
        let titles: BTreeSet<_> = pictures().iter().map(|picture| picture.title).collect();
        assert_eq!(titles.len(), pictures().len());
    }

    #[test]
    fn the_page_of_states_stays_short() {
        let lines = states().lines().count();
        assert!(lines <= MAX_LINES, "{lines} lines");
    }
}
