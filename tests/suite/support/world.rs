//! A service with something to sell: the state most scenarios start from, and requests they send.

use std::time::{Duration, SystemTime};

use tradepost::contract::pb;

use super::client::{Client, Wire};
use super::database::{Database, Engine};
use super::http::{Headers, HttpAnswer, HttpCall};
use super::service::{PLATFORM_KEY, Service, Settings};

/// A product of every world: 12.50 GBP or 15.00 EUR, and 20 % tax.
pub(crate) const TEAPOT: &str = "TEAPOT";

/// A product of every world: 3.33 GBP, and 5 % tax.
pub(crate) const SPOON: &str = "Spoon";

/// What lets webhooks be sent to receivers of the suite.
pub(crate) const HOOKING: [(&str, &str); 3] = [
    ("TRADEPOST_WEBHOOK_HTTP", "on"),
    ("TRADEPOST_WEBHOOK_PORTS", "any"),
    ("TRADEPOST_WEBHOOK_NETWORKS", "127.0.0.0/8"),
];

/// A service on a database of its own, with two products and a customer.
#[derive(Debug)]
pub(crate) struct World {
    // Stopped before its database is dropped.
    pub(crate) service: Service,
    pub(crate) database: Database,
    /// The customer.
    pub(crate) customer: String,
}

impl World {
    pub(crate) async fn new(engine: Engine) -> Self {
        Self::logging(engine, "info").await
    }

    /// One whose service has this in `TRADEPOST_LOG`.
    pub(crate) async fn logging(engine: Engine, log: &'static str) -> Self {
        Self::launched(Database::new(engine).await, |database| Service::launch_with(database, log)).await
    }

    /// One whose service sends webhooks to receivers of the suite.
    pub(crate) async fn hooking(engine: Engine) -> Self {
        let launch = |database: &Database| Service::launch_set(database, "info,tradepost=debug", HOOKING);
        Self::launched(Database::new(engine).await, launch).await
    }

    /// One whose service has these settings.
    pub(crate) async fn set(engine: Engine, settings: Settings) -> Self {
        Self::launched(Database::new(engine).await, |database| Service::launch_set(database, "info", settings)).await
    }

    async fn launched(database: Database, launch: impl FnOnce(&Database) -> Service) -> Self {
        let mut service = launch(&database);
        service.ready().await;
        let seller = Client::new(service.address, Wire::Grpc, PLATFORM_KEY);
        stock(&seller).await;
        let customer = customer(&seller, "Ada").await;
        Self { service, database, customer }
    }

    /// The PLATFORM key on a wire.
    pub(crate) fn client(&self, wire: Wire) -> Client {
        Client::new(self.service.address, wire, PLATFORM_KEY)
    }

    /// A new key with this role.
    pub(crate) async fn key(&self, role: pb::Role, customer: &str) -> String {
        self.new_key(role, customer).await.1
    }

    /// A new key with this role: its id and its secret.
    pub(crate) async fn new_key(&self, role: pb::Role, customer: &str) -> (String, String) {
        let request = pb::CreateApiKeyRequest {
            name: format!("{} of the suite", role.as_str_name()),
            role: role.into(),
            customer_id: customer.to_owned(),
            ..Default::default()
        };
        let created = self.client(Wire::Grpc).call(request).await.expect("a key");
        (created.text("/api_key/id"), created.text("/key"))
    }

    /// A new key with this role, and this person behind it.
    pub(crate) async fn key_of(&self, role: pb::Role, owner: &str) -> String {
        let request = pb::CreateApiKeyRequest {
            name: format!("{} of {owner}", role.as_str_name()),
            role: role.into(),
            owner: owner.to_owned(),
            ..Default::default()
        };
        self.client(Wire::Grpc).call(request).await.expect("a key").text("/key")
    }

    /// Another tenant, and its ADMIN on a wire.
    pub(crate) async fn stranger(&self, wire: Wire) -> Client {
        let request = pb::CreateTenantRequest { name: "Other".to_owned(), ..Default::default() };
        let created = self.client(Wire::Grpc).call(request).await.expect("a tenant");
        self.client(wire).with_key(&created.text("/admin_key"))
    }

    /// An order of one teapot for the customer of this world.
    pub(crate) fn order(&self) -> pb::CreateOrderRequest {
        order(&self.customer, &[(TEAPOT, 1)])
    }

    /// A REST call with the PLATFORM key and exactly these bytes.
    pub(crate) async fn rest(&self, method: &str, target: &str, headers: Headers<'_>, body: &[u8]) -> HttpAnswer {
        let bearer = format!("Bearer {PLATFORM_KEY}");
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        let call = HttpCall {
            method: method.parse().expect("a method"),
            target,
            headers: &all,
            body: bytes::Bytes::copy_from_slice(body),
        };
        call.send(self.service.address).await.expect("an answer")
    }
}

/// Creates the products of every world.
pub(crate) async fn stock(seller: &Client) {
    let teapot = product(TEAPOT, &[("GBP", 1250), ("EUR", 1500)], 2000);
    seller.call(teapot).await.expect("a product");
    seller.call(product(SPOON, &[("GBP", 333)], 500)).await.expect("a product");
}

/// Creates a customer, and answers its id.
pub(crate) async fn customer(seller: &Client, name: &str) -> String {
    let request = pb::CreateCustomerRequest { name: name.to_owned(), ..Default::default() };
    seller.call(request).await.expect("a customer").id()
}

/// What creates a product.
pub(crate) fn product(sku: &str, prices: &[(&str, i64)], tax_rate_bps: i32) -> pb::CreateProductRequest {
    let prices = prices.iter().map(|(currency, minor_units)| money(currency, *minor_units)).collect();
    pb::CreateProductRequest {
        sku: sku.to_owned(),
        name: format!("The {sku}"),
        prices,
        tax_rate_bps,
        ..Default::default()
    }
}

/// An amount.
pub(crate) fn money(currency: &str, minor_units: i64) -> pb::Money {
    pb::Money { currency_code: currency.to_owned(), minor_units }
}

/// What creates an order in GBP.
pub(crate) fn order(customer: &str, lines: &[(&str, i32)]) -> pb::CreateOrderRequest {
    let item = |(sku, quantity): &(&str, i32)| pb::create_order_request::Item {
        sku: (*sku).to_owned(),
        quantity: *quantity,
        ..Default::default()
    };
    pb::CreateOrderRequest {
        customer_id: customer.to_owned(),
        currency_code: "GBP".to_owned(),
        items: lines.iter().map(item).collect(),
        ..Default::default()
    }
}

/// What drafts a quote in GBP that is valid for a day.
pub(crate) fn quote(customer: &str, lines: &[(&str, i32)]) -> pb::CreateQuoteRequest {
    let item = |(sku, quantity): &(&str, i32)| pb::create_quote_request::Item {
        sku: (*sku).to_owned(),
        quantity: *quantity,
        ..Default::default()
    };
    pb::CreateQuoteRequest {
        customer_id: customer.to_owned(),
        currency_code: "GBP".to_owned(),
        items: lines.iter().map(item).collect(),
        valid_until: Some(after(Duration::from_hours(24))),
        ..Default::default()
    }
}

/// The time that it will be then.
#[allow(clippy::disallowed_methods, reason = "a client has a clock of its own")]
pub(crate) fn after(wait: Duration) -> prost_types::Timestamp {
    (SystemTime::now() + wait).into()
}

/// Drafts a quote and submits it where no policy asks for an approval; answers its id.
pub(crate) async fn approved_quote(seller: &Client, quote: pb::CreateQuoteRequest) -> String {
    let quote_id = seller.call(quote).await.expect("a quote").id();
    let submitted = seller.call(pb::SubmitQuoteRequest { quote_id: quote_id.clone(), ..Default::default() }).await;
    assert_eq!(submitted.expect("submitted").text("/status"), "APPROVED");
    quote_id
}

/// The same, and sends it.
pub(crate) async fn sent_quote(seller: &Client, quote: pb::CreateQuoteRequest) -> String {
    let quote_id = approved_quote(seller, quote).await;
    seller.call(pb::SendQuoteRequest { quote_id: quote_id.clone(), ..Default::default() }).await.expect("sent");
    quote_id
}
