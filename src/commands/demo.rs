//! `tradepost demo`: a throwaway database with real orders, served until it is told to stop.

mod sample;

use std::sync::Arc;

use tonic::Request;

use super::retail::Books;
use super::serve::stop_signal;
use crate::api::{Api, Context};
use crate::app::access::authenticate;
use crate::config::Config;
use crate::contract::pb::catalog_service_server::CatalogService;
use crate::contract::pb::customer_service_server::CustomerService;
use crate::contract::pb::order_service_server::OrderService;
use crate::server::{Fault, Server};
use crate::store::Engine;

/// Serves the sample. The database goes when the program does.
pub(super) async fn run(mut config: Config) -> Result<(), Fault> {
    let folder = tempfile::tempdir()?;
    config.engine = Engine::Sqlite;
    config.database_url = format!("sqlite://{}", folder.path().join("demo.db").display());
    let server = Server::start(&config).await?;
    let key = server.bootstrap_key.clone().or(config.bootstrap_api_key).unwrap_or_default();
    let (app, address, stop) = (server.app(), server.address()?, stop_signal()?);
    let caller = Arc::new(authenticate(&app, &key).await?);
    let serving = tokio::spawn(server.run(stop));
    let sample = sample::read()?;
    println!("Placing {} orders of a British gift shop …", sample.orders.len());
    let loader = Loader { api: Api::new(app), context: Context { caller, request_id: "demo".to_owned() } };
    let order_id = loader.load(sample).await?;
    println!("{}", calls(&address.to_string(), &key, &order_id));
    Ok(serving.await?)
}

/// Sends the sample through the same methods that clients call.
struct Loader {
    api: Api,
    context: Context,
}

impl Loader {
    /// Creates everything; answers the id of the last order.
    async fn load(&self, sample: Books) -> Result<String, Fault> {
        for product in sample.products {
            self.api.create_product(self.request(product)).await?;
        }
        let mut last = String::new();
        let mut customers = std::collections::HashMap::new();
        for customer in sample.customers {
            let reference = customer.reference.clone();
            let created = self.api.create_customer(self.request(customer)).await?.into_inner();
            customers.insert(reference, created.id);
        }
        for mut order in sample.orders {
            // The sample names customers by its own numbers.
            order.customer_id = customers.get(&order.customer_id).cloned().unwrap_or_default();
            last = self.api.create_order(self.request(order)).await?.into_inner().id;
        }
        Ok(last)
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.extensions_mut().insert(self.context.clone());
        request
    }
}

fn calls(address: &str, key: &str, order_id: &str) -> String {
    format!(
        r#"
Tradepost is at {address}: gRPC, gRPC-Web and REST on one port. Stop it with Ctrl-C; everything is gone then.
An API key of this demo: {key}

Calls to paste:

  export KEY={key}

  # Who am I?
  curl -s -H "Authorization: Bearer $KEY" http://{address}/v1/whoami

  # The newest orders, and one of them with its lines
  curl -s -H "Authorization: Bearer $KEY" "http://{address}/v1/orders?page_size=3"
  curl -s -H "Authorization: Bearer $KEY" http://{address}/v1/orders/{order_id}

  # A customer, and a product; repeat a call with its key and nothing happens twice
  curl -s -H "Authorization: Bearer $KEY" -H "Idempotency-Key: demo-1" \
    --json '{{"name":"Ada Lovelace","email":"ada@example.com"}}' http://{address}/v1/customers
  curl -s -H "Authorization: Bearer $KEY" -H "Idempotency-Key: demo-2" \
    --json '{{"sku":"TEAPOT","name":"Teapot","prices":[{{"currency_code":"GBP","minor_units":"1250"}}],"tax_rate_bps":2000}}' http://{address}/v1/products

  # The same over gRPC
  grpcurl -plaintext -H "authorization: Bearer $KEY" {address} tradepost.v1.AccessService/Whoami
  grpcurl -plaintext -H "authorization: Bearer $KEY" -d '{{"order_id":"{order_id}"}}' {address} tradepost.v1.OrderService/GetOrder
"#
    )
}
