//! A valid call of every method of the contract, and what others than its owner are told. Walks over the contract take
//! their calls from here: a new method fails all of them until it has its case.

mod access;
pub(crate) mod approvals;
mod catalog;
pub(crate) mod fulfillment;
pub(crate) mod inventory;
mod orders;
pub(crate) mod payments;
mod quotes;
pub(crate) mod reports;
pub(crate) mod webhooks;

pub(crate) use quotes::Quotes;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tradepost::contract::pb;
use tradepost::contract::policy::{KeyRule, Kind, Method};

use super::client::{Answer, Client, Wire};
use super::refusal::Failed;
use super::rpc::Rpc;
use super::service::PLATFORM_KEY;
use super::world::{self, TEAPOT, World, order, product};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The key of `validate_only`, number 103 in every write, and `true`.
const VALIDATE_ONLY: [u8; 3] = [0xB8, 0x06, 0x01];

type Sent = Pin<Box<dyn Future<Output = Result<Answer, Failed>> + Send>>;
type Send_ = dyn Fn(Client, Vec<(&'static str, String)>, bool) -> Sent + Send + Sync;

/// What a caller sees of another's things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// The same as of things that do not exist: this code.
    NotFound(&'static str),
    /// A list, this field, without any of them.
    Empty(&'static str),
    /// The call names nothing that belongs to anybody.
    Nothing,
}

/// A call, ready to be sent by anybody.
#[derive(Clone)]
pub(crate) struct Case {
    send: Arc<Send_>,
    /// What a caller of another tenant is told.
    pub(crate) to_tenants: Hidden,
    /// What a partner of another customer is told, if partners may call at all.
    pub(crate) to_customers: Hidden,
    needs_key: bool,
}

impl Case {
    fn new<Q: Rpc + Sync>(request: Q, hidden: Hidden) -> Self {
        let send = move |client: Client, headers: Vec<(&'static str, String)>, validate_only| -> Sent {
            let request = if validate_only { checked_only(&request) } else { request.clone() };
            Box::pin(async move {
                let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
                client.call_with(&headers, request).await
            })
        };
        Self { send: Arc::new(send), to_tenants: hidden, to_customers: hidden, needs_key: false }
    }

    /// Partners of every customer may do this.
    fn open_to_customers(self) -> Self {
        Self { to_customers: Hidden::Nothing, ..self }
    }

    /// Sends it. A call that needs an idempotency key and is given none gets a new one.
    pub(crate) async fn send(&self, client: &Client, headers: &[(&'static str, &str)]) -> Result<Answer, Failed> {
        (self.send)(client.clone(), self.headers(headers), false).await
    }

    /// Sends it with `validate_only`.
    pub(crate) async fn check(&self, client: &Client, headers: &[(&'static str, &str)]) -> Result<Answer, Failed> {
        (self.send)(client.clone(), self.headers(headers), true).await
    }

    fn headers(&self, given: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        let mut headers: Vec<_> = given.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        if self.needs_key && given.iter().all(|(name, _)| *name != IDEMPOTENCY_KEY) {
            headers.push((IDEMPOTENCY_KEY, format!("case-{}", KEYS.fetch_add(1, Ordering::Relaxed))));
        }
        headers
    }
}

/// Keys that were given to calls that need one.
static KEYS: AtomicU64 = AtomicU64::new(0);

fn checked_only<Q: Rpc>(request: &Q) -> Q {
    let mut bytes = request.encode_to_vec();
    bytes.extend(VALIDATE_ONLY);
    Q::decode(bytes.as_slice()).expect("the same request")
}

/// Things that a tenant has, of each kind one. Writes use some of them up.
#[derive(Debug, Clone)]
pub(crate) struct Things {
    pub(crate) tenant: String,
    pub(crate) customer: String,
    pub(crate) idle_customer: String,
    pub(crate) product: String,
    pub(crate) draft: String,
    pub(crate) placed: String,
    pub(crate) held: String,
    pub(crate) shipped: String,
    pub(crate) policy: String,
    pub(crate) approval: String,
    pub(crate) on_the_way: fulfillment::OnTheWay,
    pub(crate) quotes: Quotes,
    pub(crate) hooks: webhooks::Hooks,
    pub(crate) api_key: String,
    pub(crate) event: String,
    pub(crate) audit_event: String,
    pub(crate) booked: payments::Booked,
    pub(crate) stocked: inventory::Stocked,
    pub(crate) reported: reports::Reported,
    pub(crate) new_name: String,
}

impl Things {
    /// Makes them all, with the PLATFORM key of the world.
    pub(crate) async fn new(world: &World) -> Self {
        Self::where_needed(world, |_| true).await
    }

    /// Makes those that a call of this method uses: the others have no ids.
    pub(crate) async fn of(world: &World, method: &Method) -> Self {
        Self::where_needed(world, |service| service_of(method) == service).await
    }

    async fn where_needed(world: &World, uses: impl Fn(&str) -> bool) -> Self {
        let owner = Client::new(world.service.address, Wire::Grpc, PLATFORM_KEY);
        let customer = world::customer(&owner, "Ada").await;
        let new_name = format!("New-{}", &customer[customer.len() - 12..]);
        let placed = owner.call(order(&customer, &[(TEAPOT, 1)])).await.expect("an order").id();
        let draft = pb::CreateOrderRequest { draft: true, ..order(&customer, &[(TEAPOT, 1)]) };
        let of_order = pb::ListEventsRequest { resource_id: placed.clone(), ..Default::default() };
        let audits = pb::ListAuditEventsRequest { page_size: 1, ..Default::default() };
        let role = pb::Role::Viewer.into();
        let key = pb::CreateApiKeyRequest { name: "some key".into(), role, ..Default::default() };
        let tenant = pb::CreateTenantRequest { name: "some tenant".into(), ..Default::default() };
        let (policy, approval) =
            if uses("ApprovalService") { approvals::pending(world, &customer).await } else { Default::default() };
        let on_the_way = if uses("FulfillmentService") {
            fulfillment::OnTheWay::new(&owner, &customer).await
        } else {
            fulfillment::OnTheWay::default()
        };
        let booked = if uses("PaymentService") {
            payments::Booked::new(&owner, &customer).await
        } else {
            payments::Booked::default()
        };
        let stocked = if uses("InventoryService") {
            inventory::Stocked::new(world, &new_name).await
        } else {
            inventory::Stocked::default()
        };
        let reported = if uses("JobService") || uses("ReportService") {
            reports::Reported::new(world, &owner, &new_name).await
        } else {
            reports::Reported::default()
        };
        let hooks =
            if uses("WebhookService") { webhooks::Hooks::new(&owner).await } else { webhooks::Hooks::default() };
        let quotes = if uses("QuoteService") { Quotes::new(&owner, &customer).await } else { Quotes::default() };
        Self {
            tenant: owner.call(tenant).await.expect("a tenant").text("/tenant/id"),
            idle_customer: world::customer(&owner, "Grace").await,
            product: owner.call(product(&format!("P-{new_name}"), &[("GBP", 1)], 0)).await.expect("a product").id(),
            draft: owner.call(draft).await.expect("a draft").id(),
            api_key: owner.call(key).await.expect("a key").text("/api_key/id"),
            event: owner.call(of_order).await.expect("events").text("/events/0/id"),
            audit_event: owner.call(audits).await.expect("audit events").text("/audit_events/0/id"),
            held: orders::held(&owner, &customer).await,
            shipped: fulfillment::shipped(&owner, &customer).await,
            on_the_way,
            booked,
            stocked,
            reported,
            policy,
            approval,
            quotes,
            hooks,
            customer,
            placed,
            new_name,
        }
    }

    /// The id of each of them.
    pub(crate) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = vec![
            &self.tenant,
            &self.customer,
            &self.idle_customer,
            &self.product,
            &self.draft,
            &self.placed,
            &self.held,
            &self.shipped,
            &self.policy,
            &self.approval,
            &self.api_key,
            &self.event,
            &self.audit_event,
        ];
        ids.extend(self.on_the_way.ids());
        ids.extend(self.booked.ids());
        ids.extend(self.stocked.ids());
        ids.extend(self.quotes.ids());
        ids.extend(self.reported.ids());
        ids.extend(self.hooks.ids());
        ids
    }

    /// Things that never existed.
    pub(crate) fn absent(&self) -> Self {
        use crate::access::sibling;
        Self {
            tenant: sibling(&self.tenant),
            customer: sibling(&self.customer),
            idle_customer: sibling(&self.idle_customer),
            product: sibling(&self.product),
            draft: sibling(&self.draft),
            placed: sibling(&self.placed),
            held: sibling(&self.held),
            shipped: sibling(&self.shipped),
            policy: sibling(&self.policy),
            approval: sibling(&self.approval),
            on_the_way: self.on_the_way.absent(),
            quotes: self.quotes.absent(),
            hooks: self.hooks.absent(),
            api_key: sibling(&self.api_key),
            event: sibling(&self.event),
            audit_event: sibling(&self.audit_event),
            booked: self.booked.absent(),
            stocked: self.stocked.absent(),
            reported: self.reported.absent(),
            new_name: self.new_name.clone(),
        }
    }
}

/// The service that a method belongs to: `OrderService`.
fn service_of(method: &Method) -> &str {
    method.path.rsplit('.').next().and_then(|path| path.split('/').next()).expect("a service")
}

/// A valid call of a method.
pub(crate) fn case(method: &Method, things: &Things) -> Case {
    let case = match service_of(method) {
        "OrderService" => orders::case(method.name, things),
        "CatalogService" => catalog::case(method.name, things),
        "CustomerService" => catalog::customers(method.name, things),
        "InventoryService" => inventory::case(method.name, &things.stocked, &things.new_name),
        "AccessService" => access::case(method.name, things),
        "ApprovalService" => approvals::case(method.name, things),
        "BatchService" => batch(method.name, things),
        "QuoteService" => quotes::case(method.name, things),
        "EventService" | "AuditService" => access::records(method.name, things),
        "FulfillmentService" => fulfillment::case(method.name, &things.on_the_way),
        "PaymentService" => payments::case(method.name, things),
        "JobService" | "ReportService" => reports::case(method.name, things),
        "WebhookService" => webhooks::case(method.name, things),
        other => panic!("the walks do not know {other}: give it its cases"),
    };
    Case { needs_key: method.kind == Kind::Write(KeyRule::Required), ..case }
}

/// Whatever a batch hides, its operations do: `batch.rs` looks at them.
fn batch(name: &str, things: &Things) -> Case {
    use pb::execute_batch_request::{Operation, operation::Method};
    match name {
        "ExecuteBatch" => {
            let path = format!("/v1/orders/{}", things.placed);
            let operation = Operation { method: Method::Get.into(), path, ..Default::default() };
            Case::new(pb::ExecuteBatchRequest { operations: vec![operation] }, Hidden::Nothing)
        }
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
