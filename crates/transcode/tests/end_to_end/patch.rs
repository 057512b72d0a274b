//! The update mask of a `PATCH`: derived, explicit, refused.

use transcode::{Error, Failure};

use crate::{json, send};

async fn title(target: &str, body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(&json("PATCH", target, body).await).expect("JSON");
    json["title"].as_str().expect("a string").to_owned()
}

#[tokio::test]
async fn a_mask_is_derived_from_the_body() {
    let cases = [
        (r#"{"title":"t","authors":[],"printTime":null}"#, "authors+print_time+title of authors+print_time+title"),
        (
            r#"{"editor":{"birthPlace":"x"},"labels":{"a":"b"}}"#,
            "editor.birth_place+labels of editor.birth_place+labels",
        ),
        (r#"{"editor":{}}"#, "editor of editor"),
        (r#"{"id":"b1","title":""}"#, "title of title"),
        ("{}", " of "),
        ("", " of "),
    ];
    for (body, want) in cases {
        assert_eq!(title("/v1/books/b1", body).await, want, "{body}");
        assert_eq!(title("/v1/books/b1?update_mask=", body).await, want, "{body}");
    }
}

#[tokio::test]
async fn an_explicit_mask_wins() {
    let body = r#"{"title":"t","copies":1}"#;
    let cases = [
        ("?update_mask=title", "title of copies+title"),
        ("?updateMask=editor.birthPlace,print_time", "editor.birth_place+print_time of copies+title"),
        ("?update_mask=*", "* of copies+title"),
        ("?read_mask=title", "copies+title of copies+title"),
    ];
    for (query, want) in cases {
        assert_eq!(title(&format!("/v1/books/b1{query}"), body).await, want, "{query}");
    }
    for mask in ["nope", "title,nope", "editor.nope", "title.x", "labels.a", "title,*", "print_time.seconds"] {
        match send("PATCH", &format!("/v1/books/b1?update_mask={mask}"), &[], body).await {
            Err(Error::Failure(Failure::Invalid(all))) => assert_eq!(all[0].field, "update_mask", "{mask}"),
            other => panic!("{mask}: {other:?}"),
        }
    }
}
