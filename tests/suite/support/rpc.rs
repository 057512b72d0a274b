//! Every RPC of the contract as tests call it. The REST paths stand here once more, by hand: this is the client's side.

use http::Method;
use prost::{Message, Name};
use serde_json::Value;
use tradepost::contract::{pb, to_json};
use transcode::json::ProtoJson;

/// A request message that knows its method.
pub(crate) trait Rpc: Message + Name + Default + Clone + Send + 'static {
    type Reply: Message + Name + ProtoJson + Default + Send + 'static;

    /// The gRPC path.
    const PATH: &'static str;

    /// The REST call: method, path with query, body.
    fn rest(&self) -> (Method, String, Option<Value>);
}

macro_rules! creates {
    ($($request:ident => $reply:ident, $rpc:literal, $path:literal;)+) => {
        $(impl Rpc for pb::$request {
            type Reply = pb::$reply;
            const PATH: &'static str = concat!("/tradepost.v1.", $rpc);
            fn rest(&self) -> (Method, String, Option<Value>) {
                (Method::POST, $path.to_owned(), Some(to_json(self)))
            }
        })+
    };
}

creates! {
    CreateOrderRequest => Order, "OrderService/CreateOrder", "/v1/orders";
    CreateProductRequest => Product, "CatalogService/CreateProduct", "/v1/products";
    CreateCustomerRequest => Customer, "CustomerService/CreateCustomer", "/v1/customers";
    CreateTenantRequest => CreateTenantResponse, "AccessService/CreateTenant", "/v1/tenants";
    CreateApiKeyRequest => CreateApiKeyResponse, "AccessService/CreateApiKey", "/v1/api_keys";
}

impl Rpc for pb::GetOrderRequest {
    type Reply = pb::Order;
    const PATH: &'static str = "/tradepost.v1.OrderService/GetOrder";
    fn rest(&self) -> (Method, String, Option<Value>) {
        (Method::GET, format!("/v1/orders/{}", escaped(&self.order_id)), None)
    }
}

impl Rpc for pb::GetProductRequest {
    type Reply = pb::Product;
    const PATH: &'static str = "/tradepost.v1.CatalogService/GetProduct";
    fn rest(&self) -> (Method, String, Option<Value>) {
        (Method::GET, format!("/v1/products/{}", escaped(&self.product_id)), None)
    }
}

impl Rpc for pb::WhoamiRequest {
    type Reply = pb::WhoamiResponse;
    const PATH: &'static str = "/tradepost.v1.AccessService/Whoami";
    fn rest(&self) -> (Method, String, Option<Value>) {
        (Method::GET, "/v1/whoami".to_owned(), None)
    }
}

impl Rpc for pb::ListOrdersRequest {
    type Reply = pb::ListOrdersResponse;
    const PATH: &'static str = "/tradepost.v1.OrderService/ListOrders";
    fn rest(&self) -> (Method, String, Option<Value>) {
        let mut query = vec![("page_size", self.page_size.to_string())];
        query.push(("page_token", self.page_token.clone()));
        query.push(("order_by", self.order_by.clone()));
        query.push(("customer_id", self.customer_id.clone()));
        query.extend(self.status().map(|status| ("status", status.as_str_name().to_owned())));
        // What is not set stays out, as a person with curl would do it.
        let set = query.iter().filter(|(_, value)| !value.is_empty() && value != "0");
        let pairs: Vec<_> = set.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        (Method::GET, format!("/v1/orders?{}", pairs.join("&")), None)
    }
}

/// Percent escapes for everything but unreserved characters (RFC 3986, section 2.3).
pub(crate) fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}
