//! Writes the file of a report: rows become text, text is compressed, and what is compressed is stored as soon as it is a piece.
//! Memory holds one piece, however long the file is.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::Error;
use super::super::jobs::{Attempt, Failed};
use crate::domain::ids::ReportId;
use crate::domain::report::{Cell, Report, ReportFile, ReportFormat, Row, columns};
use crate::objects::Objects;
use crate::store::reports as rows;

/// How long a piece is, compressed.
const PART_BYTES: usize = 256 * 1024;

/// A file in the making.
pub(super) struct File<'a> {
    attempt: &'a Attempt,
    report: ReportId,
    format: ReportFormat,
    columns: Vec<&'static str>,
    gzip: GzEncoder<Vec<u8>>,
    row_count: i64,
    size_bytes: i64,
    parts: i32,
}

impl<'a> File<'a> {
    /// Begins a file; one with a header has that already.
    pub(super) async fn begin(attempt: &'a Attempt, report: &Report) -> Result<Self, Failed> {
        let objects = attempt.app.settings.objects.as_ref();
        let begin = |objects: &Objects| objects.begin(&objects.key(&name(report.id, Some(attempt.token))));
        *attempt.upload.lock().await = objects.map(begin);
        let mut file = Self {
            attempt,
            report: report.id,
            format: report.format,
            columns: columns(report.kind),
            gzip: GzEncoder::new(Vec::new(), Compression::default()),
            row_count: 0,
            size_bytes: 0,
            parts: 0,
        };
        if report.format == ReportFormat::Csv {
            let names = file.columns.iter().map(|name| Cell::Text((*name).to_owned())).collect();
            file.text(&csv_text(&[names])?).await?;
        }
        Ok(file)
    }

    /// Adds rows: few enough that their text may be held in memory.
    pub(super) async fn rows(&mut self, rows: &[Row]) -> Result<(), Failed> {
        let text = match self.format {
            ReportFormat::Csv => csv_text(rows)?,
            ReportFormat::Ndjson => json_lines(&self.columns, rows)?,
        };
        self.row_count += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        self.text(&text).await
    }

    async fn text(&mut self, text: &[u8]) -> Result<(), Failed> {
        self.size_bytes += i64::try_from(text.len()).unwrap_or(i64::MAX);
        // A text may compress to nothing or to many pieces.
        for some in text.chunks(PART_BYTES) {
            self.gzip.write_all(some).map_err(broken)?;
            if self.gzip.get_ref().len() >= PART_BYTES {
                let piece = std::mem::take(self.gzip.get_mut());
                self.store(piece).await?;
            }
        }
        Ok(())
    }

    async fn store(&mut self, piece: Vec<u8>) -> Result<(), Failed> {
        if let Some(upload) = self.attempt.upload.lock().await.as_mut() {
            return Ok(upload.write(&piece).await?);
        }
        let (report, token, number) = (self.report, self.attempt.token, self.parts);
        self.parts += 1;
        let stored = self.attempt.write(move |tx, _| {
            Box::pin(async move { Ok(rows::insert_part(tx, report, token, number, piece).await?) })
        });
        stored.await
    }

    /// The file is whole. It counts when its job has succeeded.
    pub(super) async fn finish(mut self) -> Result<ReportFile, Failed> {
        self.gzip.try_finish().map_err(broken)?;
        let rest = std::mem::take(self.gzip.get_mut());
        self.store(rest).await?;
        let mut object = None;
        if let Some(upload) = self.attempt.upload.lock().await.as_mut() {
            // Not for somebody else's job, however long this process slept.
            if !self.attempt.is_held().await? {
                return Err(Failed::Lost);
            }
            upload.finish().await?;
            object = Some(upload.key());
        }
        Ok(ReportFile {
            token: self.attempt.token,
            parts: self.parts,
            object,
            row_count: self.row_count,
            size_bytes: self.size_bytes,
        })
    }
}

/// The name of the object that an attempt makes, or of the folder of all attempts at a report.
pub(super) fn name(report: ReportId, token: Option<uuid::Uuid>) -> String {
    match token {
        Some(token) => format!("{report}/{}.gz", token.simple()),
        None => report.to_string(),
    }
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Fault(format!("a row could not be written: {error}"))
}

/// Rows by RFC 4180.
fn csv_text(rows: &[Row]) -> Result<Vec<u8>, Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let fields = row.iter().map(|cell| match cell {
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Nothing => String::new(),
        });
        writer.write_record(fields).map_err(broken)?;
    }
    writer.into_inner().map_err(broken)
}

/// Rows as JSON objects, their fields in the order of the columns.
fn json_lines(columns: &[&str], rows: &[Row]) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    for row in rows {
        for (place, (name, cell)) in columns.iter().zip(row).enumerate() {
            text.extend(if place == 0 { b"{\"" } else { b",\"" });
            text.extend(name.as_bytes());
            text.extend(b"\":");
            match cell {
                Cell::Text(value) => serde_json::to_writer(&mut text, value).map_err(broken)?,
                Cell::Number(number) => text.extend(number.to_string().into_bytes()),
                Cell::Nothing => text.extend(b"null"),
            }
        }
        text.extend(b"}\n");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_quoted_where_they_must_be() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let rows = [
            vec![text("a,\"b\"\nc"), Cell::Number(-(1 << 70)), Cell::Nothing],
            vec![text("=1+1"), Cell::Number(0), text("é")],
        ];
        let csv = csv_text(&rows).expect("text");
        let expected = "\"a,\"\"b\"\"\nc\",-1180591620717411303424,\r\n=1+1,0,é\r\n";
        assert_eq!(String::from_utf8_lossy(&csv), expected);
        let json = json_lines(&["x", "y", "z"], &rows).expect("text");
        let lines = [r#"{"x":"a,\"b\"\nc","y":-1180591620717411303424,"z":null}"#, r#"{"x":"=1+1","y":0,"z":"é"}"#, ""];
        assert_eq!(String::from_utf8_lossy(&json), lines.join("\n"));
        assert_eq!((csv_text(&[]).expect("text"), json_lines(&["x"], &[]).expect("text")), (vec![], vec![]));
    }
}
