//! What prost, tonic and `transcode-build` generate for `library.proto`, and a service that tells what it was asked.

use http::StatusCode;
use tonic::{Request, Response, Status};

include!("../../../transcode-build/tests/golden/library/pb.rs");

pub mod rest {
    include!("../../../transcode-build/tests/golden/library/rest.rs");
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
        let ListBooksRequest { shelf_id, states, .. } = request.into_inner();
        let book = |state| Book { id: format!("{shelf_id}"), state, ..Book::default() };
        Ok(Response::new(ListBooksResponse { books: states.into_iter().map(book).collect(), ..Default::default() }))
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
