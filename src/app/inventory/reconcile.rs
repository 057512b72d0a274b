//! Whether counters, ledger and what is held agree, and what is done when they do not.

use std::sync::Arc;

use crate::app::{App, Call, Error};
use crate::domain::books::{Books, Repair};
use crate::domain::ids::TenantId;
use crate::domain::stock::{MovementType, Place, Source, StockChange, StockMovement};
use crate::store::books::{self, Which};
use crate::store::stock::{self as rows, Write};
use crate::store::stock_movements;

/// Books that are read at once.
const PER_PAGE: u64 = 200;

/// What a reconciliation came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Places that were looked at.
    pub places: u64,
    /// Those of them whose books did not agree.
    pub wrong: u64,
}

/// Looks at the stock of all tenants, or of one, and tells of every place whose books do not agree. With `repair`, they do
/// afterwards. It may run while others work: no claim gets in between.
///
/// # Errors
/// What the database says.
pub async fn reconcile(
    app: &Arc<App>,
    tenant: Option<TenantId>,
    repair: bool,
    mut tell: impl FnMut(&str),
) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    for (owner, place) in books::uncounted(&app.db.reader()).await? {
        if tenant.is_some_and(|tenant| tenant != owner) {
            continue;
        }
        if repair {
            app.by_itself(owner, "reconcile", move |call| Box::pin(count(call, place))).await?;
        } else {
            tally.wrong += 1;
            tell(&format!("{owner} {} at {}: moved or held, and never counted", place.product, place.location));
        }
    }
    let mut after = None;
    loop {
        let page = books::read(&app.db.reader(), Which::Page(tenant, after, PER_PAGE)).await?;
        let Some(last) = page.last() else { return Ok(tally) };
        after = Some(last.place);
        for books in &page {
            tally.places += 1;
            if books.repair().is_none() {
                continue;
            }
            tally.wrong += 1;
            tell(&books.to_string());
            if repair {
                let place = books.place;
                app.by_itself(books.tenant, "reconcile", move |call| Box::pin(mend(call, place))).await?;
            }
        }
    }
}

/// Says of a place that there is nothing; what is wrong with that is found next.
async fn count(call: &Call, place: Place) -> Result<(), Error> {
    Ok(rows::insert(&call.tx, &call.scope(), &[(call.uuid(), place)], call.now).await?)
}

/// Makes the books of a place agree. They are read again under the lock, since they may do so by now.
async fn mend(call: &Call, place: Place) -> Result<(), Error> {
    let locked = rows::lock(&call.tx, &call.scope(), &[place]).await?;
    let Some(books) = books::read(&call.tx, Which::Of(place)).await?.pop() else { return Ok(()) };
    let (Some(row), Some(Repair { counters, movement })) = (locked.get(&place), books.repair()) else { return Ok(()) };
    let write = Write { id: row.id, before: row.counters, after: counters };
    rows::write(&call.tx, &[write], call.now).await?;
    if movement.on_hand == 0 && movement.reserved == 0 {
        return Ok(());
    }
    let Books { sku, .. } = books;
    let change = StockChange {
        product: place.product,
        sku,
        location: place.location,
        on_hand: movement.on_hand,
        reserved: movement.reserved,
        movement: MovementType::Reconciled,
        source: Source::Stock,
        field: None,
    };
    let movement = StockMovement { id: call.id(), change, reason: String::new(), create_time: call.now };
    Ok(stock_movements::append(&call.tx, &call.scope(), &[movement]).await?)
}
