//! What prost, tonic and `transcode-build` generate for `library.proto`, and a service that tells what it was asked.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream as tokio_stream};
use http::StatusCode;
use tonic::{Request, Response, Status};
use transcode::{HttpBody, PresentFields};

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

    async fn delete_book(&self, request: Request<DeleteBookRequest>) -> Result<Response<()>, Status> {
        let status = if request.into_inner().validate_only { StatusCode::OK } else { StatusCode::NO_CONTENT };
        let mut response = Response::new(());
        response.extensions_mut().insert(status);
        response.extensions_mut().insert(Caller("service"));
        Ok(response)
    }

    async fn purge(&self, _: Request<()>) -> Result<Response<()>, Status> {
        Ok(Response::new(()))
    }

    async fn update_book(&self, request: Request<UpdateBookRequest>) -> Result<Response<Book>, Status> {
        let present = request.extensions().get::<PresentFields>().cloned().unwrap_or_default().0.join("+");
        let UpdateBookRequest { book, update_mask, .. } = request.into_inner();
        let mask = update_mask.map_or("none".to_owned(), |mask| mask.paths.join("+"));
        let id = book.unwrap_or_default().id;
        Ok(Response::new(Book { id, title: format!("{mask} of {present}"), ..Book::default() }))
    }

    async fn list_titles(&self, request: Request<ListBooksRequest>) -> Result<Response<ListTitlesResponse>, Status> {
        let titles = (0..request.into_inner().shelf_id).map(|number| format!("t{number}")).collect();
        Ok(Response::new(ListTitlesResponse { titles }))
    }

    async fn get_cover(&self, request: Request<GetBookRequest>) -> Result<Response<HttpBody>, Status> {
        let data = request.into_inner().name.into();
        Ok(Response::new(HttpBody { content_type: "image/png".to_owned(), data, ..HttpBody::default() }))
    }

    async fn put_cover(&self, request: Request<PutCoverRequest>) -> Result<Response<PutCoverResponse>, Status> {
        let PutCoverRequest { name, image, quality } = request.into_inner();
        let HttpBody { content_type, data, .. } = image.unwrap_or_default();
        let data = format!("{name} {quality} {} {content_type}", data.len()).into();
        let thumbnail = HttpBody { content_type: "text/plain".to_owned(), data, ..HttpBody::default() };
        Ok(Response::new(PutCoverResponse { thumbnail: Some(thumbnail) }))
    }

    async fn mirror(&self, request: Request<HttpBody>) -> Result<Response<HttpBody>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    type WatchBooksStream = Pin<Box<dyn Stream<Item = Result<Book, Status>> + Send>>;

    async fn watch_books(
        &self,
        request: Request<WatchBooksRequest>,
    ) -> Result<Response<Self::WatchBooksStream>, Status> {
        let WatchBooksRequest { count, fail_after, hang } = request.into_inner();
        let books = (0..count).map(move |number| match fail_after {
            Some(after) if number >= after => Err(Status::data_loss("a page is missing")),
            _ => Ok(Book { id: format!("b{number}"), ..Book::default() }),
        });
        let books = tokio_stream::iter(books);
        if hang {
            let forever = tokio_stream::pending::<Result<Book, Status>>();
            return Ok(Response::new(Box::pin(books.chain(forever))));
        }
        let mut response = Response::new(Box::pin(books) as Self::WatchBooksStream);
        response.metadata_mut().insert("x-total", count.into());
        Ok(response)
    }

    type ExportCoversStream = Pin<Box<dyn Stream<Item = Result<HttpBody, Status>> + Send>>;

    async fn export_covers(
        &self,
        request: Request<WatchBooksRequest>,
    ) -> Result<Response<Self::ExportCoversStream>, Status> {
        let covers = (0..request.into_inner().count).map(|number| {
            let content_type = format!("image/x-{number}");
            Ok(HttpBody { content_type, data: format!("<{number}>").into(), ..HttpBody::default() })
        });
        // The first one is late.
        let late = tokio_stream::iter(covers).then(async |cover| {
            tokio::time::sleep(Duration::from_millis(1)).await;
            cover
        });
        Ok(Response::new(Box::pin(late)))
    }

    async fn echo_kinds(&self, request: Request<Kinds>) -> Result<Response<Kinds>, Status> {
        Ok(Response::new(request.into_inner()))
    }
}
