//! What prost and tonic generate for a part of `library.proto`, by hand, and a service that tells what it was asked.

use std::collections::HashMap;

use http::StatusCode;
use tonic::{Request, Response, Status};

#[derive(Clone, PartialEq, prost::Message)]
pub struct Book {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub title: String,
    #[prost(int32, tag = "3")]
    pub state: i32,
    #[prost(int64, tag = "4")]
    pub copies: i64,
    #[prost(string, repeated, tag = "5")]
    pub authors: Vec<String>,
    #[prost(map = "string, string", tag = "6")]
    pub labels: HashMap<String, String>,
    #[prost(message, optional, tag = "7")]
    pub print_time: Option<prost_types::Timestamp>,
    #[prost(int32, optional, tag = "8")]
    pub rating: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct CreateBookRequest {
    #[prost(string, tag = "1")]
    pub parent: String,
    #[prost(message, optional, tag = "2")]
    pub book: Option<Book>,
    #[prost(bool, tag = "3")]
    pub validate_only: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct GetBookRequest {
    #[prost(string, tag = "1")]
    pub name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ListBooksRequest {
    #[prost(int32, tag = "1")]
    pub shelf_id: i32,
    #[prost(int32, repeated, tag = "2")]
    pub states: Vec<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ListBooksResponse {
    #[prost(message, repeated, tag = "1")]
    pub books: Vec<Book>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ArchiveBookRequest {
    #[prost(string, tag = "1")]
    pub book_id: String,
    #[prost(string, tag = "2")]
    pub reason: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct DeleteBookRequest {
    #[prost(string, tag = "1")]
    pub book_id: String,
    #[prost(string, tag = "2")]
    pub etag: String,
}

pub mod library_service_server {
    use super::*;

    #[tonic::async_trait]
    pub trait LibraryService: Send + Sync + 'static {
        async fn create_book(&self, request: Request<CreateBookRequest>) -> Result<Response<Book>, Status>;
        async fn get_book(&self, request: Request<GetBookRequest>) -> Result<Response<Book>, Status>;
        async fn list_books(&self, request: Request<ListBooksRequest>) -> Result<Response<ListBooksResponse>, Status>;
        async fn archive_book(&self, request: Request<ArchiveBookRequest>) -> Result<Response<Book>, Status>;
        async fn delete_book(&self, request: Request<DeleteBookRequest>) -> Result<Response<()>, Status>;
        async fn purge(&self, request: Request<()>) -> Result<Response<()>, Status>;
    }
}

/// Travels from the host through the request to the method.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller(pub &'static str);

pub struct Library;

#[tonic::async_trait]
impl library_service_server::LibraryService for Library {
    async fn create_book(&self, request: Request<CreateBookRequest>) -> Result<Response<Book>, Status> {
        let CreateBookRequest { parent, book, .. } = request.into_inner();
        let book = book.unwrap_or_default();
        let mut response = Response::new(Book { title: format!("{} in {parent}", book.title), ..book });
        response.extensions_mut().insert(StatusCode::CREATED);
        response.metadata_mut().insert("location", "/v1/books/b1".parse().expect("ASCII"));
        response.metadata_mut().append("set-cookie", "a=1".parse().expect("ASCII"));
        response.metadata_mut().append("set-cookie", "b=2".parse().expect("ASCII"));
        response.metadata_mut().insert("grpc-thing", "x".parse().expect("ASCII"));
        Ok(response)
    }

    async fn get_book(&self, request: Request<GetBookRequest>) -> Result<Response<Book>, Status> {
        let caller = request.extensions().get::<Caller>().map_or("nobody", |caller| caller.0);
        let ids = request.metadata().get_all("x-request-id").iter().filter_map(|id| id.to_str().ok());
        let title = format!("for {caller}, {}", ids.collect::<Vec<_>>().join("+"));
        let id = request.into_inner().name;
        if id.ends_with("/none") {
            return Err(Status::not_found("no such book"));
        }
        Ok(Response::new(Book { id, title, ..Book::default() }))
    }

    async fn list_books(&self, request: Request<ListBooksRequest>) -> Result<Response<ListBooksResponse>, Status> {
        let ListBooksRequest { shelf_id, states } = request.into_inner();
        let book = |state| Book { id: format!("{shelf_id}"), state, ..Book::default() };
        Ok(Response::new(ListBooksResponse { books: states.into_iter().map(book).collect() }))
    }

    async fn archive_book(&self, request: Request<ArchiveBookRequest>) -> Result<Response<Book>, Status> {
        let ArchiveBookRequest { book_id, reason } = request.into_inner();
        // A reply that has no JSON.
        let broken = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
        let print_time = (reason == "broken").then_some(broken);
        Ok(Response::new(Book { id: book_id, title: reason, print_time, ..Book::default() }))
    }

    async fn delete_book(&self, _: Request<DeleteBookRequest>) -> Result<Response<()>, Status> {
        let mut response = Response::new(());
        response.extensions_mut().insert(StatusCode::NO_CONTENT);
        response.extensions_mut().insert(Caller("service"));
        Ok(response)
    }

    async fn purge(&self, _: Request<()>) -> Result<Response<()>, Status> {
        Ok(Response::new(()))
    }
}
