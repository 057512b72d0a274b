//! A valid call of every method of the contract, and what others than its owner are told. Walks over the contract take
//! their calls from here: a new method fails all of them until it has its case.

pub(crate) mod approvals;
pub(crate) mod fulfillment;
pub(crate) mod inventory;
pub(crate) mod payments;
mod quotes;

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

/// An order with a hold.
async fn held(owner: &Client, customer: &str) -> String {
    let id = owner.call(order(customer, &[(TEAPOT, 1)])).await.expect("an order").id();
    let hold = pb::HoldOrderRequest { order_id: id.clone(), ..Default::default() };
    owner.call(hold).await.expect("a hold");
    id
}

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
    pub(crate) api_key: String,
    pub(crate) event: String,
    pub(crate) audit_event: String,
    pub(crate) booked: payments::Booked,
    pub(crate) stocked: inventory::Stocked,
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
        let on_the_way = match uses("FulfillmentService") {
            true => fulfillment::OnTheWay::new(&owner, &customer).await,
            false => Default::default(),
        };
        let booked = match uses("PaymentService") {
            true => payments::Booked::new(&owner, &customer).await,
            false => Default::default(),
        };
        let stocked = match uses("InventoryService") {
            true => inventory::Stocked::new(world, &new_name).await,
            false => Default::default(),
        };
        let quotes = match uses("QuoteService") {
            true => Quotes::new(&owner, &customer).await,
            false => Default::default(),
        };
        Self {
            tenant: owner.call(tenant).await.expect("a tenant").text("/tenant/id"),
            idle_customer: world::customer(&owner, "Grace").await,
            product: owner.call(product(&format!("P-{new_name}"), &[("GBP", 1)], 0)).await.expect("a product").id(),
            draft: owner.call(draft).await.expect("a draft").id(),
            api_key: owner.call(key).await.expect("a key").text("/api_key/id"),
            event: owner.call(of_order).await.expect("events").text("/events/0/id"),
            audit_event: owner.call(audits).await.expect("audit events").text("/audit_events/0/id"),
            held: held(&owner, &customer).await,
            shipped: fulfillment::shipped(&owner, &customer).await,
            on_the_way,
            booked,
            stocked,
            policy,
            approval,
            quotes,
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
            api_key: sibling(&self.api_key),
            event: sibling(&self.event),
            audit_event: sibling(&self.audit_event),
            booked: self.booked.absent(),
            stocked: self.stocked.absent(),
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
        "OrderService" => orders(method.name, things),
        "CatalogService" => catalog(method.name, things),
        "CustomerService" => customers(method.name, things),
        "InventoryService" => inventory::case(method.name, &things.stocked, &things.new_name),
        "AccessService" => access(method.name, things),
        "ApprovalService" => approvals::case(method.name, things),
        "BatchService" => batch(method.name, things),
        "QuoteService" => quotes::case(method.name, things),
        "EventService" | "AuditService" => records(method.name, things),
        "FulfillmentService" => fulfillment::case(method.name, &things.on_the_way),
        "PaymentService" => payments::case(method.name, things),
        other => panic!("the walks do not know {other}: give it its cases"),
    };
    Case { needs_key: method.kind == Kind::Write(KeyRule::Required), ..case }
}

fn orders(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("order_not_found");
    let (draft, placed) = (things.draft.clone(), things.placed.clone());
    match name {
        "CreateOrder" => Case::new(order(&things.customer, &[(TEAPOT, 1)]), Hidden::NotFound("customer_not_found")),
        "GetOrder" => Case::new(pb::GetOrderRequest { order_id: placed }, hidden),
        "ListOrders" => Case::new(pb::ListOrdersRequest::default(), Hidden::Empty("orders")),
        "BatchGetOrders" => {
            Case::new(pb::BatchGetOrdersRequest { order_ids: vec![placed], ..Default::default() }, hidden)
        }
        "UpdateOrder" => {
            let note = pb::OrderPatch { note: Some(things.new_name.clone()), ..Default::default() };
            Case::new(pb::UpdateOrderRequest { order_id: placed, order: Some(note), ..Default::default() }, hidden)
        }
        "ReplaceOrder" => {
            let content = order(&things.customer, &[(TEAPOT, 2)]);
            let request = pb::ReplaceOrderRequest {
                order_id: draft,
                customer_id: content.customer_id,
                currency_code: content.currency_code,
                items: content.items,
                ..Default::default()
            };
            Case::new(request, hidden)
        }
        "DeleteOrder" => Case::new(pb::DeleteOrderRequest { order_id: draft, ..Default::default() }, hidden),
        "PlaceOrder" => Case::new(pb::PlaceOrderRequest { order_id: draft, ..Default::default() }, hidden),
        "ConfirmOrder" => Case::new(pb::ConfirmOrderRequest { order_id: placed, ..Default::default() }, hidden),
        "CancelOrder" => Case::new(pb::CancelOrderRequest { order_id: placed, ..Default::default() }, hidden),
        "HoldOrder" => Case::new(pb::HoldOrderRequest { order_id: placed, ..Default::default() }, hidden),
        "ReleaseOrderHold" => {
            Case::new(pb::ReleaseOrderHoldRequest { order_id: things.held.clone(), ..Default::default() }, hidden)
        }
        "CompleteOrder" => {
            Case::new(pb::CompleteOrderRequest { order_id: things.shipped.clone(), ..Default::default() }, hidden)
        }
        "BatchCreateOrders" => {
            let orders = vec![order(&things.customer, &[(TEAPOT, 1)])];
            let request = pb::BatchCreateOrdersRequest { orders, ..Default::default() };
            Case::new(request, Hidden::NotFound("customer_not_found"))
        }
        "ListOrderEvents" => Case::new(pb::ListOrderEventsRequest { order_id: placed, ..Default::default() }, hidden),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}

fn catalog(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("product_not_found");
    let product_id = things.product.clone();
    let case = match name {
        "CreateProduct" => Case::new(product(&things.new_name, &[("GBP", 1)], 0), Hidden::Nothing),
        "GetProduct" => Case::new(pb::GetProductRequest { product_id }, hidden),
        "ListProducts" => Case::new(pb::ListProductsRequest::default(), Hidden::Empty("products")),
        "BatchGetProducts" => {
            Case::new(pb::BatchGetProductsRequest { product_ids: vec![product_id], ..Default::default() }, hidden)
        }
        "UpdateProduct" => {
            let patch = pb::ProductPatch { name: Some(things.new_name.clone()), ..Default::default() };
            Case::new(pb::UpdateProductRequest { product_id, product: Some(patch), ..Default::default() }, hidden)
        }
        "ArchiveProduct" => Case::new(pb::ArchiveProductRequest { product_id, ..Default::default() }, hidden),
        other => panic!("the walks do not know {other}: give it its case"),
    };
    case.open_to_customers()
}

fn customers(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("customer_not_found");
    let customer_id = things.customer.clone();
    match name {
        "CreateCustomer" => {
            let request = pb::CreateCustomerRequest { name: things.new_name.clone(), ..Default::default() };
            Case::new(request, Hidden::Nothing)
        }
        "GetCustomer" => Case::new(pb::GetCustomerRequest { customer_id }, hidden),
        "ListCustomers" => Case::new(pb::ListCustomersRequest::default(), Hidden::Empty("customers")),
        "UpdateCustomer" => {
            let patch = pb::CustomerPatch { name: Some(things.new_name.clone()), ..Default::default() };
            Case::new(pb::UpdateCustomerRequest { customer_id, customer: Some(patch), ..Default::default() }, hidden)
        }
        "DeleteCustomer" => {
            let request = pb::DeleteCustomerRequest { customer_id: things.idle_customer.clone(), ..Default::default() };
            Case::new(request, hidden)
        }
        "EraseCustomer" => Case::new(pb::EraseCustomerRequest { customer_id, ..Default::default() }, hidden),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}

fn access(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("api_key_not_found");
    let (tenant_id, api_key_id) = (things.tenant.clone(), things.api_key.clone());
    match name {
        // Tenants belong to the installation: whoever may see one may see all.
        "CreateTenant" => {
            let request = pb::CreateTenantRequest { name: things.new_name.clone(), ..Default::default() };
            Case::new(request, Hidden::Nothing)
        }
        "GetTenant" => Case::new(pb::GetTenantRequest { tenant_id }, Hidden::Nothing),
        "ListTenants" => Case::new(pb::ListTenantsRequest::default(), Hidden::Nothing),
        "UpdateTenant" => {
            let patch = pb::TenantPatch { name: Some(things.new_name.clone()), ..Default::default() };
            let request = pb::UpdateTenantRequest { tenant_id, tenant: Some(patch), ..Default::default() };
            Case::new(request, Hidden::Nothing)
        }
        "CreateApiKey" => {
            let (name, role) = (things.new_name.clone(), pb::Role::Partner.into());
            let customer_id = things.customer.clone();
            let request = pb::CreateApiKeyRequest { name, role, customer_id, ..Default::default() };
            Case::new(request, Hidden::NotFound("customer_not_found"))
        }
        "GetApiKey" => Case::new(pb::GetApiKeyRequest { api_key_id }, hidden),
        "ListApiKeys" => Case::new(pb::ListApiKeysRequest::default(), Hidden::Empty("api_keys")),
        "RevokeApiKey" => Case::new(pb::RevokeApiKeyRequest { api_key_id, ..Default::default() }, hidden),
        "RotateApiKey" => Case::new(pb::RotateApiKeyRequest { api_key_id, ..Default::default() }, hidden),
        "Whoami" => Case::new(pb::WhoamiRequest {}, Hidden::Nothing),
        other => panic!("the walks do not know {other}: give it its case"),
    }
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

fn records(name: &str, things: &Things) -> Case {
    let resource_id = things.placed.clone();
    match name {
        "GetEvent" => {
            let event_id = things.event.clone();
            Case::new(pb::GetEventRequest { event_id }, Hidden::NotFound("event_not_found"))
        }
        "ListEvents" => Case::new(pb::ListEventsRequest { resource_id, ..Default::default() }, Hidden::Empty("events")),
        "GetAuditEvent" => {
            let request = pb::GetAuditEventRequest { audit_event_id: things.audit_event.clone() };
            Case::new(request, Hidden::NotFound("audit_event_not_found"))
        }
        "ListAuditEvents" => {
            let request = pb::ListAuditEventsRequest { resource_id, ..Default::default() };
            Case::new(request, Hidden::Empty("audit_events"))
        }
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
