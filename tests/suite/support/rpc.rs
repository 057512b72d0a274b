//! Every RPC of the contract as tests call it. The REST paths stand here once more, by hand: this is the client's side.

use http::Method;
use prost::{Message, Name};
use serde_json::{Map, Value};
use tradepost::contract::{pb, to_json};
use transcode::json::ProtoJson;

/// A request message that knows its method.
pub(crate) trait Rpc: Message + Name + Default + Clone + Send + 'static {
    type Reply: Message + Name + ProtoJson + Default + Send + 'static;

    /// The gRPC path.
    const PATH: &'static str;

    /// Whether it answers with a stream.
    const STREAMS: bool = false;

    /// The REST call: method, path with query, body.
    fn rest(&self) -> (Method, String, Option<Value>);
}

macro_rules! rpcs {
    ($($service:literal { $($request:ident => $reply:ty, $name:literal, $verb:ident $path:literal $body:literal;)+ })+) => {
        $($(impl Rpc for pb::$request {
            type Reply = $reply;
            const PATH: &'static str = concat!("/tradepost.v1.", $service, "/", $name);
            fn rest(&self) -> (Method, String, Option<Value>) {
                rest(Method::$verb, $path, $body, to_json(self))
            }
        })+)+
    };
}

/// Streams of messages, which are all read with GET.
macro_rules! streams {
    ($($request:ident => $message:ty, $path:literal, $template:literal;)+) => {
        $(impl Rpc for pb::$request {
            type Reply = $message;
            const PATH: &'static str = concat!("/tradepost.v1.", $path);
            const STREAMS: bool = true;
            fn rest(&self) -> (Method, String, Option<Value>) {
                let mut request = to_json(self);
                // Zero is the beginning, and absent is now.
                let after = request["after_sequence"].as_str() == Some("0");
                let (method, mut target, body) = rest(Method::GET, $template, "", request.take());
                if after {
                    target.push_str(if target.contains('?') { "&after_sequence=0" } else { "?after_sequence=0" });
                }
                (method, target, body)
            }
        })+
    };
}

streams! {
    ExportOrdersRequest => pb::ExportOrdersResponse, "OrderService/ExportOrders", "/v1/orders:export";
    WatchOrdersRequest => pb::Event, "OrderService/WatchOrders", "/v1/orders:watch";
    WatchEventsRequest => pb::Event, "EventService/WatchEvents", "/v1/events:watch";
}

rpcs! {
    "OrderService" {
        CreateOrderRequest => pb::Order, "CreateOrder", POST "/v1/orders" "*";
        GetOrderRequest => pb::Order, "GetOrder", GET "/v1/orders/{order_id}" "";
        ListOrdersRequest => pb::ListOrdersResponse, "ListOrders", GET "/v1/orders" "";
        BatchGetOrdersRequest => pb::BatchGetOrdersResponse, "BatchGetOrders", GET "/v1/orders:batchGet" "";
        UpdateOrderRequest => pb::Order, "UpdateOrder", PATCH "/v1/orders/{order_id}" "order";
        ReplaceOrderRequest => pb::Order, "ReplaceOrder", PUT "/v1/orders/{order_id}" "*";
        DeleteOrderRequest => (), "DeleteOrder", DELETE "/v1/orders/{order_id}" "";
        PlaceOrderRequest => pb::Order, "PlaceOrder", POST "/v1/orders/{order_id}:place" "*";
        ConfirmOrderRequest => pb::Order, "ConfirmOrder", POST "/v1/orders/{order_id}:confirm" "*";
        CancelOrderRequest => pb::Order, "CancelOrder", POST "/v1/orders/{order_id}:cancel" "*";
        HoldOrderRequest => pb::Order, "HoldOrder", POST "/v1/orders/{order_id}:hold" "*";
        ReleaseOrderHoldRequest => pb::Order, "ReleaseOrderHold", POST "/v1/orders/{order_id}:releaseHold" "*";
        CompleteOrderRequest => pb::Order, "CompleteOrder", POST "/v1/orders/{order_id}:complete" "*";
        BatchCreateOrdersRequest => pb::BatchCreateOrdersResponse, "BatchCreateOrders", POST "/v1/orders:batchCreate" "*";
        ListOrderEventsRequest => pb::ListOrderEventsResponse, "ListOrderEvents", GET "/v1/orders/{order_id}/events" "";
    }
    "CatalogService" {
        CreateProductRequest => pb::Product, "CreateProduct", POST "/v1/products" "*";
        GetProductRequest => pb::Product, "GetProduct", GET "/v1/products/{product_id}" "";
        ListProductsRequest => pb::ListProductsResponse, "ListProducts", GET "/v1/products" "";
        BatchGetProductsRequest => pb::BatchGetProductsResponse, "BatchGetProducts", GET "/v1/products:batchGet" "";
        UpdateProductRequest => pb::Product, "UpdateProduct", PATCH "/v1/products/{product_id}" "product";
        ArchiveProductRequest => pb::Product, "ArchiveProduct", POST "/v1/products/{product_id}:archive" "*";
    }
    "CustomerService" {
        CreateCustomerRequest => pb::Customer, "CreateCustomer", POST "/v1/customers" "*";
        GetCustomerRequest => pb::Customer, "GetCustomer", GET "/v1/customers/{customer_id}" "";
        ListCustomersRequest => pb::ListCustomersResponse, "ListCustomers", GET "/v1/customers" "";
        UpdateCustomerRequest => pb::Customer, "UpdateCustomer", PATCH "/v1/customers/{customer_id}" "customer";
        DeleteCustomerRequest => (), "DeleteCustomer", DELETE "/v1/customers/{customer_id}" "";
        EraseCustomerRequest => pb::Customer, "EraseCustomer", POST "/v1/customers/{customer_id}:erase" "*";
    }
    "InventoryService" {
        CreateLocationRequest => pb::Location, "CreateLocation", POST "/v1/locations" "*";
        GetLocationRequest => pb::Location, "GetLocation", GET "/v1/locations/{location_id}" "";
        ListLocationsRequest => pb::ListLocationsResponse, "ListLocations", GET "/v1/locations" "";
        UpdateLocationRequest => pb::Location, "UpdateLocation", PATCH "/v1/locations/{location_id}" "location";
        ListStockLevelsRequest => pb::ListStockLevelsResponse, "ListStockLevels", GET "/v1/stock" "";
        AdjustStockRequest => pb::StockLevel, "AdjustStock", POST "/v1/stock:adjust" "*";
        TransferStockRequest => pb::TransferStockResponse, "TransferStock", POST "/v1/stock:transfer" "*";
        CreateReservationRequest => pb::Reservation, "CreateReservation", POST "/v1/reservations" "*";
        GetReservationRequest => pb::Reservation, "GetReservation", GET "/v1/reservations/{reservation_id}" "";
        ListReservationsRequest => pb::ListReservationsResponse, "ListReservations", GET "/v1/reservations" "";
        CommitReservationRequest => pb::Reservation, "CommitReservation", POST "/v1/reservations/{reservation_id}:commit" "*";
        ReleaseReservationRequest => pb::Reservation, "ReleaseReservation", POST "/v1/reservations/{reservation_id}:release" "*";
        ExtendReservationRequest => pb::Reservation, "ExtendReservation", POST "/v1/reservations/{reservation_id}:extend" "*";
        ListStockMovementsRequest => pb::ListStockMovementsResponse, "ListStockMovements", GET "/v1/stock_movements" "";
    }
    "AccessService" {
        CreateTenantRequest => pb::CreateTenantResponse, "CreateTenant", POST "/v1/tenants" "*";
        GetTenantRequest => pb::Tenant, "GetTenant", GET "/v1/tenants/{tenant_id}" "";
        ListTenantsRequest => pb::ListTenantsResponse, "ListTenants", GET "/v1/tenants" "";
        UpdateTenantRequest => pb::Tenant, "UpdateTenant", PATCH "/v1/tenants/{tenant_id}" "tenant";
        CreateApiKeyRequest => pb::CreateApiKeyResponse, "CreateApiKey", POST "/v1/api_keys" "*";
        GetApiKeyRequest => pb::ApiKey, "GetApiKey", GET "/v1/api_keys/{api_key_id}" "";
        ListApiKeysRequest => pb::ListApiKeysResponse, "ListApiKeys", GET "/v1/api_keys" "";
        RevokeApiKeyRequest => pb::ApiKey, "RevokeApiKey", POST "/v1/api_keys/{api_key_id}:revoke" "*";
        RotateApiKeyRequest => pb::RotateApiKeyResponse, "RotateApiKey", POST "/v1/api_keys/{api_key_id}:rotate" "*";
        WhoamiRequest => pb::WhoamiResponse, "Whoami", GET "/v1/whoami" "";
    }
    "ApprovalService" {
        CreateApprovalPolicyRequest => pb::ApprovalPolicy, "CreateApprovalPolicy", POST "/v1/approval_policies" "*";
        GetApprovalPolicyRequest => pb::ApprovalPolicy, "GetApprovalPolicy", GET "/v1/approval_policies/{approval_policy_id}" "";
        ListApprovalPoliciesRequest => pb::ListApprovalPoliciesResponse, "ListApprovalPolicies", GET "/v1/approval_policies" "";
        UpdateApprovalPolicyRequest => pb::ApprovalPolicy, "UpdateApprovalPolicy", PATCH "/v1/approval_policies/{approval_policy_id}" "approval_policy";
        DeleteApprovalPolicyRequest => (), "DeleteApprovalPolicy", DELETE "/v1/approval_policies/{approval_policy_id}" "";
        GetApprovalRequest => pb::Approval, "GetApproval", GET "/v1/approvals/{approval_id}" "";
        ListApprovalsRequest => pb::ListApprovalsResponse, "ListApprovals", GET "/v1/approvals" "";
        ApproveApprovalRequest => pb::Approval, "ApproveApproval", POST "/v1/approvals/{approval_id}:approve" "*";
        RejectApprovalRequest => pb::Approval, "RejectApproval", POST "/v1/approvals/{approval_id}:reject" "*";
    }
    "BatchService" {
        ExecuteBatchRequest => pb::ExecuteBatchResponse, "ExecuteBatch", POST "/v1/batch" "*";
    }
    "QuoteService" {
        CreateQuoteRequest => pb::Quote, "CreateQuote", POST "/v1/quotes" "*";
        GetQuoteRequest => pb::Quote, "GetQuote", GET "/v1/quotes/{quote_id}" "";
        ListQuotesRequest => pb::ListQuotesResponse, "ListQuotes", GET "/v1/quotes" "";
        UpdateQuoteRequest => pb::Quote, "UpdateQuote", PATCH "/v1/quotes/{quote_id}" "quote";
        SubmitQuoteRequest => pb::Quote, "SubmitQuote", POST "/v1/quotes/{quote_id}:submit" "*";
        SendQuoteRequest => pb::Quote, "SendQuote", POST "/v1/quotes/{quote_id}:send" "*";
        AcceptQuoteRequest => pb::Quote, "AcceptQuote", POST "/v1/quotes/{quote_id}:accept" "*";
        DeclineQuoteRequest => pb::Quote, "DeclineQuote", POST "/v1/quotes/{quote_id}:decline" "*";
        ReviseQuoteRequest => pb::Quote, "ReviseQuote", POST "/v1/quotes/{quote_id}:revise" "*";
        WithdrawQuoteRequest => pb::Quote, "WithdrawQuote", POST "/v1/quotes/{quote_id}:withdraw" "*";
    }
    "EventService" {
        GetEventRequest => pb::Event, "GetEvent", GET "/v1/events/{event_id}" "";
        ListEventsRequest => pb::ListEventsResponse, "ListEvents", GET "/v1/events" "";
    }
    "FulfillmentService" {
        CreateShipmentRequest => pb::Shipment, "CreateShipment", POST "/v1/shipments" "*";
        GetShipmentRequest => pb::Shipment, "GetShipment", GET "/v1/shipments/{shipment_id}" "";
        ListShipmentsRequest => pb::ListShipmentsResponse, "ListShipments", GET "/v1/shipments" "";
        MarkShipmentDeliveredRequest => pb::Shipment, "MarkShipmentDelivered", POST "/v1/shipments/{shipment_id}:markDelivered" "*";
        CancelShipmentRequest => pb::Shipment, "CancelShipment", POST "/v1/shipments/{shipment_id}:cancel" "*";
        CreateReturnRequest => pb::Return, "CreateReturn", POST "/v1/returns" "*";
        GetReturnRequest => pb::Return, "GetReturn", GET "/v1/returns/{return_id}" "";
        ListReturnsRequest => pb::ListReturnsResponse, "ListReturns", GET "/v1/returns" "";
        AuthorizeReturnRequest => pb::Return, "AuthorizeReturn", POST "/v1/returns/{return_id}:authorize" "*";
        ReceiveReturnRequest => pb::Return, "ReceiveReturn", POST "/v1/returns/{return_id}:receive" "*";
        InspectReturnRequest => pb::Return, "InspectReturn", POST "/v1/returns/{return_id}:inspect" "*";
        RejectReturnRequest => pb::Return, "RejectReturn", POST "/v1/returns/{return_id}:reject" "*";
        CloseReturnRequest => pb::Return, "CloseReturn", POST "/v1/returns/{return_id}:close" "*";
    }
    "PaymentService" {
        CreatePaymentRequest => pb::Payment, "CreatePayment", POST "/v1/payments" "*";
        GetPaymentRequest => pb::Payment, "GetPayment", GET "/v1/payments/{payment_id}" "";
        ListPaymentsRequest => pb::ListPaymentsResponse, "ListPayments", GET "/v1/payments" "";
        VoidPaymentRequest => pb::Payment, "VoidPayment", POST "/v1/payments/{payment_id}:void" "*";
        CreateRefundRequest => pb::Refund, "CreateRefund", POST "/v1/refunds" "*";
        GetRefundRequest => pb::Refund, "GetRefund", GET "/v1/refunds/{refund_id}" "";
        ListRefundsRequest => pb::ListRefundsResponse, "ListRefunds", GET "/v1/refunds" "";
        MarkRefundSucceededRequest => pb::Refund, "MarkRefundSucceeded", POST "/v1/refunds/{refund_id}:markSucceeded" "*";
        MarkRefundFailedRequest => pb::Refund, "MarkRefundFailed", POST "/v1/refunds/{refund_id}:markFailed" "*";
        RetryRefundRequest => pb::Refund, "RetryRefund", POST "/v1/refunds/{refund_id}:retry" "*";
        CancelRefundRequest => pb::Refund, "CancelRefund", POST "/v1/refunds/{refund_id}:cancel" "*";
    }
    "JobService" {
        GetJobRequest => pb::Job, "GetJob", GET "/v1/jobs/{job_id}" "";
        ListJobsRequest => pb::ListJobsResponse, "ListJobs", GET "/v1/jobs" "";
        CancelJobRequest => pb::Job, "CancelJob", POST "/v1/jobs/{job_id}:cancel" "*";
    }
    "ReportService" {
        CreateReportRequest => pb::Report, "CreateReport", POST "/v1/reports" "*";
        GetReportRequest => pb::Report, "GetReport", GET "/v1/reports/{report_id}" "";
        ListReportsRequest => pb::ListReportsResponse, "ListReports", GET "/v1/reports" "";
    }
    "WebhookService" {
        CreateWebhookEndpointRequest => pb::CreateWebhookEndpointResponse, "CreateWebhookEndpoint", POST "/v1/webhook_endpoints" "*";
        GetWebhookEndpointRequest => pb::WebhookEndpoint, "GetWebhookEndpoint", GET "/v1/webhook_endpoints/{webhook_endpoint_id}" "";
        ListWebhookEndpointsRequest => pb::ListWebhookEndpointsResponse, "ListWebhookEndpoints", GET "/v1/webhook_endpoints" "";
        UpdateWebhookEndpointRequest => pb::WebhookEndpoint, "UpdateWebhookEndpoint", PATCH "/v1/webhook_endpoints/{webhook_endpoint_id}" "webhook_endpoint";
        DeleteWebhookEndpointRequest => (), "DeleteWebhookEndpoint", DELETE "/v1/webhook_endpoints/{webhook_endpoint_id}" "";
        RotateWebhookEndpointSecretRequest => pb::RotateWebhookEndpointSecretResponse, "RotateWebhookEndpointSecret", POST "/v1/webhook_endpoints/{webhook_endpoint_id}:rotateSecret" "*";
        TestWebhookEndpointRequest => pb::TestWebhookEndpointResponse, "TestWebhookEndpoint", POST "/v1/webhook_endpoints/{webhook_endpoint_id}:test" "*";
        PauseWebhookEndpointRequest => pb::WebhookEndpoint, "PauseWebhookEndpoint", POST "/v1/webhook_endpoints/{webhook_endpoint_id}:pause" "*";
        ResumeWebhookEndpointRequest => pb::WebhookEndpoint, "ResumeWebhookEndpoint", POST "/v1/webhook_endpoints/{webhook_endpoint_id}:resume" "*";
        ReplayWebhookEndpointRequest => pb::WebhookEndpoint, "ReplayWebhookEndpoint", POST "/v1/webhook_endpoints/{webhook_endpoint_id}:replay" "*";
        GetWebhookDeliveryRequest => pb::WebhookDelivery, "GetWebhookDelivery", GET "/v1/webhook_deliveries/{webhook_delivery_id}" "";
        ListWebhookDeliveriesRequest => pb::ListWebhookDeliveriesResponse, "ListWebhookDeliveries", GET "/v1/webhook_deliveries" "";
        RedeliverWebhookDeliveryRequest => pb::WebhookDelivery, "RedeliverWebhookDelivery", POST "/v1/webhook_deliveries/{webhook_delivery_id}:redeliver" "*";
    }
    "AuditService" {
        GetAuditEventRequest => pb::AuditEvent, "GetAuditEvent", GET "/v1/audit_events/{audit_event_id}" "";
        ListAuditEventsRequest => pb::ListAuditEventsResponse, "ListAuditEvents", GET "/v1/audit_events" "";
    }
}

/// Puts the fields of a request where its HTTP rule wants them: path, body, query. What is not set stays out, as a person
/// with curl would do it.
fn rest(method: Method, template: &str, body: &str, request: Value) -> (Method, String, Option<Value>) {
    let Value::Object(mut fields) = request else { panic!("a request is an object") };
    let path = fill(template, &mut fields);
    let body = match body {
        "" => None,
        "*" => Some(Value::Object(std::mem::take(&mut fields))),
        field => Some(changes(fields.remove(field).unwrap_or_default(), true)),
    };
    let pairs: Vec<_> = fields.iter().flat_map(|(name, value)| parameters(name, value)).collect();
    let target = if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) };
    (method, target, body)
}

fn fill(template: &str, fields: &mut Map<String, Value>) -> String {
    let Some((head, rest)) = template.split_once('{') else { return template.to_owned() };
    let (variable, tail) = rest.split_once('}').expect("a template");
    let value = fields.remove(variable).expect("a path variable");
    format!("{head}{}{tail}", escaped(value.as_str().expect("a text")))
}

fn parameters(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => {
            let texts = values.iter().map(|value| value.as_str().expect("a list of texts"));
            texts.map(|text| format!("{name}={}", escaped(text))).collect()
        }
        Value::String(text) if text.is_empty() || text == "0" || text.ends_with("_UNSPECIFIED") => Vec::new(),
        Value::String(text) => vec![format!("{name}={}", escaped(text))],
        Value::Number(number) if number.as_i64() == Some(0) => Vec::new(),
        Value::Null | Value::Bool(false) | Value::Object(_) => Vec::new(),
        other => vec![format!("{name}={other}")],
    }
}

/// A patch over REST: lists and maps without elements, and the empty parts of what is within, are not given.
fn changes(patch: Value, is_top: bool) -> Value {
    let is_given = |value: &Value| match value {
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => is_top || !fields.is_empty(),
        Value::String(text) => is_top || !text.is_empty(),
        Value::Null => false,
        _ => true,
    };
    match patch {
        Value::Object(fields) => {
            let kept = fields.into_iter().map(|(name, value)| match value {
                within @ Value::Object(_) => (name, changes(within, false)),
                other => (name, other),
            });
            let maps_are_lists =
                |(name, value): &(String, Value)| name != "metadata" || *value != Value::Object(Map::new());
            Value::Object(kept.filter(|(_, value)| is_given(value)).filter(maps_are_lists).collect())
        }
        Value::Null => Value::Object(Map::new()),
        other => other,
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
