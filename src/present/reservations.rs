//! Reservations.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::ReservationId;
use crate::domain::page::View;
use crate::domain::reservation::{
    NewReservation, NewReservationLine, Reservation, ReservationFilter, ReservationLine, ReservationList,
    ReservationStatus,
};
use crate::domain::violation::Violation;

/// How long units may be kept: a second to seven days.
const TTLS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(7 * 24);

/// How long units are kept when nobody says.
const DEFAULT_TTL: Duration = Duration::from_mins(15);

impl TryFrom<pb::CreateReservationRequest> for NewReservation {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateReservationRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let ttl = match message.ttl {
            Some(_) => parser.duration("ttl", message.ttl, &TTLS, "must be 1s to 604800s (seven days)"),
            None => Some(DEFAULT_TTL),
        };
        let lines = message.lines.into_iter().enumerate();
        let lines = lines.map(|(place, line)| NewReservationLine {
            location: parser.maybe_id(&format!("lines[{place}].location_id"), &line.location_id),
            sku: line.sku,
            quantity: line.quantity,
        });
        let lines = lines.collect();
        let (reference, metadata) = (optional(message.reference), message.metadata);
        parser.finish(ttl.map(|ttl| Self { lines, ttl, reference, metadata }))
    }
}

impl TryFrom<pb::GetReservationRequest> for ReservationId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetReservationRequest) -> Result<Self, Vec<Violation>> {
        parse_id("reservation_id", &message.reservation_id)
    }
}

impl TryFrom<pb::ListReservationsRequest> for ReservationList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListReservationsRequest) -> Result<Self, Vec<Violation>> {
        message.status.sort_unstable();
        let (page, mut parser) = (page_request(&mut message), Parser::default());
        let created = parser.created(message.create_time_after, message.create_time_before);
        let statuses = message.status().filter_map(|status| status.as_str_name().parse().ok()).collect();
        let (sku, reference) = (optional(message.sku), optional(message.reference));
        parser.finish(Some(Self { filter: ReservationFilter { statuses, sku, reference, created }, page }))
    }
}

impl TryFrom<pb::CommitReservationRequest> for (ReservationId, String) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CommitReservationRequest) -> Result<Self, Vec<Violation>> {
        Ok((parse_id("reservation_id", &message.reservation_id)?, message.reason))
    }
}

impl TryFrom<pb::ReleaseReservationRequest> for (ReservationId, String) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::ReleaseReservationRequest) -> Result<Self, Vec<Violation>> {
        Ok((parse_id("reservation_id", &message.reservation_id)?, message.reason))
    }
}

impl TryFrom<pb::ExtendReservationRequest> for (ReservationId, Duration, String) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::ExtendReservationRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let id = parser.id("reservation_id", &message.reservation_id);
        let ttl = Some(message.ttl.unwrap_or_default());
        let ttl = parser.duration("ttl", ttl, &TTLS, "must be 1s to 604800s (seven days)");
        parser.finish(id.zip(ttl).map(|(id, ttl)| (id, ttl, message.reason)))
    }
}

/// A reservation with everything.
#[must_use]
pub fn reservation(reservation: &Reservation) -> pb::Reservation {
    pb::Reservation {
        lines: reservation.lines.iter().map(line).collect(),
        metadata: reservation.metadata.clone(),
        ..basic_reservation(reservation)
    }
}

/// As much of a reservation as a view shows.
#[must_use]
pub fn reservation_in(view: View) -> fn(&Reservation) -> pb::Reservation {
    match view {
        View::Basic => basic_reservation,
        View::Full => reservation,
    }
}

/// A reservation as lists and events show it: without lines and metadata.
#[must_use]
pub fn basic_reservation(reservation: &Reservation) -> pb::Reservation {
    pb::Reservation {
        id: reservation.id.to_string(),
        status: status(reservation.status).into(),
        order_id: reservation.order.map(|id| id.to_string()).unwrap_or_default(),
        reference: reservation.reference.clone().unwrap_or_default(),
        etag: etag(reservation.version),
        expire_time: Some(time(reservation.expire_time)),
        commit_time: reservation.commit_time.map(time),
        release_time: reservation.release_time.map(time),
        create_time: Some(time(reservation.create_time)),
        update_time: Some(time(reservation.update_time)),
        ..Default::default()
    }
}

fn line(line: &ReservationLine) -> pb::reservation::Line {
    pb::reservation::Line {
        sku: line.sku.clone(),
        product_id: line.product.to_string(),
        location_id: line.location.to_string(),
        quantity: line.quantity,
    }
}

fn status(status: ReservationStatus) -> pb::reservation::Status {
    match status {
        ReservationStatus::Held => pb::reservation::Status::Held,
        ReservationStatus::Committed => pb::reservation::Status::Committed,
        ReservationStatus::Released => pb::reservation::Status::Released,
        ReservationStatus::Expired => pb::reservation::Status::Expired,
    }
}
