//! `PaymentService`.

use super::pages;
use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::ids::{PaymentId, RefundId};
use crate::domain::page::View;
use crate::domain::payment::{NewPayment, PaymentList, PaymentMove};
use crate::domain::refund::{NewRefund, RefundList, RefundMove};
use crate::present::payments as show;
use crate::present::refunds::{basic_refund, refund};

pub(super) async fn create_payment(call: &Call, new: NewPayment) -> Result<pb::Payment, Error> {
    Ok(show::payment(&app::payments::create(call, new).await?))
}

pub(super) async fn get_payment(call: &Read, id: PaymentId) -> Result<pb::Payment, Error> {
    Ok(show::payment(&app::payments::get(call, id).await?))
}

pub(super) async fn list_payments(call: &Read, list: PaymentList) -> Result<pb::ListPaymentsResponse, Error> {
    let page = app::payments::list(call, &list).await?;
    let (payments, next_page_token) = pages::fit(&page, show::payment_in(list.page.view));
    Ok(pb::ListPaymentsResponse { payments, next_page_token })
}

pub(super) async fn void_payment(call: &Call, step: PaymentMove) -> Result<pb::Payment, Error> {
    Ok(show::payment(&app::payments::void(call, step).await?))
}

pub(super) async fn create_refund(call: &Call, new: NewRefund) -> Result<pb::Refund, Error> {
    Ok(shown(&app::refunds::create(call, new).await?))
}

pub(super) async fn get_refund(call: &Read, id: RefundId) -> Result<pb::Refund, Error> {
    Ok(shown(&app::refunds::get(call, id).await?))
}

pub(super) async fn list_refunds(call: &Read, list: RefundList) -> Result<pb::ListRefundsResponse, Error> {
    let page = app::refunds::list(call, &list).await?;
    let (refunds, next_page_token) = pages::fit(&page, |found| match list.page.view {
        View::Basic => basic_refund(&found.refund),
        View::Full => shown(found),
    });
    Ok(pb::ListRefundsResponse { refunds, next_page_token })
}

pub(super) async fn mark_refund_succeeded(call: &Call, step: RefundMove) -> Result<pb::Refund, Error> {
    Ok(shown(&app::refunds::mark_succeeded(call, step).await?))
}

pub(super) async fn mark_refund_failed(call: &Call, step: RefundMove) -> Result<pb::Refund, Error> {
    Ok(shown(&app::refunds::mark_failed(call, step).await?))
}

pub(super) async fn retry_refund(call: &Call, step: RefundMove) -> Result<pb::Refund, Error> {
    Ok(shown(&app::refunds::retry(call, step).await?))
}

pub(super) async fn cancel_refund(call: &Call, step: RefundMove) -> Result<pb::Refund, Error> {
    Ok(shown(&app::refunds::cancel(call, step).await?))
}

fn shown(found: &app::refunds::Shown) -> pb::Refund {
    refund(&found.refund, &found.actions)
}
