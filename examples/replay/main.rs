//! Sends the whole Online Retail data set through gRPC to a running service: every invoice is ordered, paid, shipped and
//! completed, and what credit notes give back is returned and refunded. Then the books are compared, to the penny and piece.
//!
//! `TRADEPOST_API_KEY=… cargo run --release --example replay -- online-retail.csv.xz`
//!
//! It keeps no notes of its own: killed at any moment and started again, it asks the service what is there, sends the rest
//! under the same idempotency keys, and compares whatever the service says it already has.

mod books;
mod client;
mod fulfill;
mod giveback;
mod kind;
mod listing;
mod pieces;
mod progress;
mod reconcile;
mod send;
mod stock;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use liblzma::read::XzDecoder;
use tradepost::commands::retail::Books;

use client::Service;
use progress::grouped;

/// What goes wrong here is for people to read.
type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Sends the Online Retail data set to a service and compares the books. The API key, which needs `orders.override_price` and
/// the permissions to move stock, money and goods, comes from `TRADEPOST_API_KEY`.
#[derive(Debug, Parser)]
struct Args {
    /// The data set, as .csv or .csv.xz.
    file: PathBuf,
    /// Where the service is.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    endpoint: String,
    /// Calls in flight.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// Only the first N invoices.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Sends nothing, and only compares the books.
    #[arg(long)]
    reconcile: bool,
    /// Sends also the products, customers and orders that the service already lists, and compares every answer.
    #[arg(long, conflicts_with = "reconcile")]
    resend: bool,
    /// For how many seconds a call is repeated while the service cannot be reached.
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    patience: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("replay: the books do not balance");
            ExitCode::FAILURE
        }
        Err(fault) => {
            eprintln!("replay: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the books balance.
async fn run(args: Args) -> Result<bool, Fault> {
    let key = std::env::var("TRADEPOST_API_KEY").map_err(|_| "TRADEPOST_API_KEY is not set")?;
    let service = Service::new(&args.endpoint, &key, Duration::from_secs(args.patience))?;
    let books = read(&args.file, args.limit)?;
    if !args.reconcile {
        let concurrency = usize::from(args.concurrency);
        println!("\nSending to {}, {concurrency} calls at a time", args.endpoint);
        send::everything(&service, &books, concurrency, args.resend).await?;
    }
    println!("\nReading back from {}", args.endpoint);
    reconcile::balance(&service, &books, args.limit.is_none()).await
}

fn read(path: &Path, limit: Option<usize>) -> Result<Books, Fault> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let compressed = path.extension().is_some_and(|extension| extension == "xz");
    let mut books = if compressed { Books::read(XzDecoder::new_multi_decoder(file)) } else { Books::read(file) }
        .map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{}: {} lines, {} invoices to send", path.display(), grouped(books.lines), grouped(books.orders.len()));
    for (cause, lines) in &books.left_out {
        println!("  left out: {:>6} {}, {cause}", grouped(*lines), if *lines == 1 { "line" } else { "lines" });
    }
    println!(
        "  given back: {} lines of credit notes, in {} returns",
        grouped(books.credited),
        grouped(books.returns.len())
    );
    for product in &mut books.products {
        product.track_inventory = true;
    }
    if let Some(limit) = limit {
        books.keep_first(limit);
        println!("  of these, the first {} invoices", grouped(books.orders.len()));
    }
    if books.orders.is_empty() {
        // Or else books without anything would balance.
        return Err(format!("{}: there is nothing to send", path.display()).into());
    }
    Ok(books)
}
