//! Reports: files about orders, sales and stock. Their shape and their states; what is in them is in `sales` and `table`.

mod sales;
mod table;

pub use sales::{SOLD, Sales};
pub use table::{Cell, Row, columns, order_row, stock_row};

use uuid::Uuid;

use super::Metadata;
use super::etag::Versioned;
use super::ids::{JobId, ReportId};
use super::page::PageRequest;
use super::states::{Machine, Move};
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};

text_enum! {
    /// What is in a report.
    ReportKind {
        /// A row for each order.
        Orders = "ORDERS",
        /// A row for each day.
        SalesByDay = "SALES_BY_DAY",
        /// A row for each product.
        SalesByProduct = "SALES_BY_PRODUCT",
        /// A row for each customer.
        SalesByCustomer = "SALES_BY_CUSTOMER",
        /// A row for each product and location.
        Stock = "STOCK",
    }
}

text_enum! {
    /// How the rows of a report are written.
    ReportFormat {
        /// Comma-separated values with a header.
        Csv = "CSV",
        /// A JSON object a line.
        Ndjson = "NDJSON",
    }
}

text_enum! {
    /// Where a report stands.
    ReportStatus {
        /// Its job is not over.
        Pending = "PENDING",
        /// The file is there.
        Succeeded = "SUCCEEDED",
        /// Its job failed.
        Failed = "FAILED",
        /// Its job was canceled.
        Canceled = "CANCELED",
        /// The file is gone.
        Expired = "EXPIRED",
    }
}

text_enum! {
    /// What becomes of a report. Nothing of it is a caller's: its job decides, and time.
    ReportAction {
        /// The job succeeded.
        Succeed = "succeed",
        /// The job failed.
        Fail = "fail",
        /// The job was canceled.
        Cancel = "cancel",
        /// The file was kept long enough.
        Expire = "expire",
    }
}

impl Machine for ReportStatus {
    type Action = ReportAction;

    const MOVES: &'static [Move<Self, ReportAction>] = &[
        Move { from: Self::Pending, action: ReportAction::Succeed, to: Some(Self::Succeeded) },
        Move { from: Self::Pending, action: ReportAction::Fail, to: Some(Self::Failed) },
        Move { from: Self::Pending, action: ReportAction::Cancel, to: Some(Self::Canceled) },
        Move { from: Self::Succeeded, action: ReportAction::Expire, to: Some(Self::Expired) },
    ];

    const STARTS: &'static [Self] = &[Self::Pending];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: ReportAction) -> &'static str {
        action.as_str()
    }
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Report")]
pub struct NewReport {
    pub kind: ReportKind,
    pub format: ReportFormat,
    pub created: TimeRange,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// Which reports a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<ReportStatus>,
}

/// A list of reports, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportList {
    /// Which reports.
    pub filter: ReportFilter,
    /// Which page.
    pub page: PageRequest,
}

/// Where the file of a report is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// The attempt that made it.
    pub token: Uuid,
    /// How many pieces it has in the database.
    pub parts: i32,
    /// Its key in the storage of objects; `None`: it is in the database.
    pub object: Option<String>,
    /// How many rows it has.
    pub row_count: i64,
    /// How long it is, uncompressed.
    pub size_bytes: i64,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// The job that makes it.
    pub job: JobId,
    /// What is in it.
    pub kind: ReportKind,
    /// How its rows are written.
    pub format: ReportFormat,
    /// Where it stands.
    pub status: ReportStatus,
    /// Only of orders that were created in this time.
    pub created: TimeRange,
    /// The client's own id, unique among the tenant's reports.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// The file, once it was made. It is gone when the report has expired.
    pub file: Option<ReportFile>,
    /// When the file goes.
    pub expire_time: Option<Time>,
    /// Moved by every change.
    pub version: i64,
    /// When it was asked for.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

impl Versioned for Report {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Report {
    /// A report whose job waits.
    #[must_use]
    pub fn new(id: ReportId, job: JobId, new: NewReport, now: Time) -> Self {
        Self {
            id,
            job,
            kind: new.kind,
            format: new.format,
            status: ReportStatus::Pending,
            created: new.created,
            reference: new.reference,
            metadata: new.metadata,
            file: None,
            expire_time: None,
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The time whose orders it is about: until it was asked for, unless it says otherwise.
    #[must_use]
    pub fn span(&self) -> TimeRange {
        TimeRange { before: Some(self.created.before.unwrap_or(self.create_time)), ..self.created }
    }

    /// The file is there, until `expire_time`.
    #[must_use]
    pub fn succeeded(&self, file: ReportFile, now: Time, expire_time: Time) -> Self {
        let file = Some(file);
        Self { file, expire_time: Some(expire_time), ..self.moved(ReportStatus::Succeeded, now) }
    }

    /// Another state, and nothing else.
    #[must_use]
    pub fn moved(&self, status: ReportStatus, now: Time) -> Self {
        Self { status, version: self.version + 1, update_time: now, ..self.clone() }
    }

    /// Whether its file was kept long enough.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.status == ReportStatus::Succeeded && self.expire_time.is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_is_in_the_table_and_no_other() {
        use ReportAction::{Cancel, Expire, Fail, Succeed};
        for (status, legal, done) in [
            (ReportStatus::Pending, vec![Succeed, Fail, Cancel], vec![]),
            (ReportStatus::Succeeded, vec![Expire], vec![Succeed]),
            (ReportStatus::Failed, vec![], vec![Fail]),
            (ReportStatus::Canceled, vec![], vec![Cancel]),
            (ReportStatus::Expired, vec![], vec![Expire]),
        ] {
            for action in ReportAction::ALL {
                let expected = if legal.contains(action) { Some(true) } else { done.contains(action).then_some(false) };
                assert_eq!(status.asks(*action), expected, "{status:?} {action:?}");
            }
        }
    }
}
