//! `tradepost demo`: a throwaway database with real orders, served until it is told to stop.

mod sample;

use std::sync::Arc;

use tonic::Request;

use super::print;
use super::retail::Books;
use super::serve::stop_signal;
use crate::api::layers::drain::Stop;
use crate::api::{Api, Context};
use crate::app::access::{Credential, authenticate};
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
    let credential = Credential::of(&key);
    let caller = Arc::new(authenticate(&app, &credential).await?);
    let serving = tokio::spawn(server.run(stop));
    let sample = sample::read()?;
    print(&format!("Placing {} orders of a British gift shop …\n", sample.orders.len()))?;
    let loader = Loader {
        api: Api::new(app, Stop::default()),
        context: Context { caller, credential, request_id: "demo".to_owned() },
    };
    let examples = loader.load(sample).await?;
    print(&calls(&address.to_string(), &key, &examples))?;
    Ok(serving.await?)
}

/// Sends the sample through the same methods that clients call.
struct Loader {
    api: Api,
    context: Context,
}

/// What the calls to paste name: the last order, and its customer.
#[derive(Default)]
struct Examples {
    order: String,
    customer: String,
}

impl Loader {
    /// Creates everything.
    async fn load(&self, sample: Books) -> Result<Examples, Fault> {
        for product in sample.products {
            self.api.create_product(self.request(product)).await?;
        }
        let mut last = Examples::default();
        let mut customers = std::collections::HashMap::new();
        for customer in sample.customers {
            let reference = customer.reference.clone();
            let created = self.api.create_customer(self.request(customer)).await?.into_inner();
            customers.insert(reference, created.id);
        }
        for mut order in sample.orders {
            // The sample names customers by its own numbers.
            order.customer_id = customers.get(&order.customer_id).cloned().unwrap_or_default();
            let placed = self.api.create_order(self.request(order)).await?.into_inner();
            last = Examples { order: placed.id, customer: placed.customer_id };
        }
        Ok(last)
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.extensions_mut().insert(self.context.clone());
        request
    }
}

/// What to paste, with the names of this demo in it.
fn calls(address: &str, key: &str, examples: &Examples) -> String {
    let names =
        [("ADDRESS", address), ("API_KEY", key), ("ORDER_ID", &examples.order), ("CUSTOMER_ID", &examples.customer)];
    names.iter().fold(include_str!("demo/calls.txt").to_owned(), |text, (name, value)| text.replace(name, value))
}
