//! What the OpenAPI document says of webhooks: what receivers get, and what they answer.

use transcode_build::object;
use transcode_build::openapi::{Json, Object};

/// What a receiver should know.
const ABOUT: &str = "\
What is sent to the endpoints of `WebhookService`: the event as `GetEvent` shows it, signed as Standard Webhooks 1.0 says. Check \
the signature with a public library before reading the body. The same event may arrive twice: `webhook-id` is then the same. Events \
of one thing arrive one after the other; `resource_sequence` tells their order. Of an event above 64 KiB, `data` has only the id.";

/// The member `webhooks`.
pub(crate) fn webhooks() -> Object {
    let content = object! { "application/json": object! {
        "schema": object! { "$ref": "#/components/schemas/Event" },
    } };
    object! { "event": object! { "post": object! {
        "operationId": "event",
        "tags": vec!["WebhookService"],
        "summary": "Something happened.",
        "description": ABOUT,
        "security": Json::List(Vec::new()),
        "parameters": vec![
            header("webhook-id", "The id of the event, in every attempt the same.", "evt_01h455vb4pex5vsknk084sn02q"),
            header("webhook-timestamp", "When this attempt was made, in seconds since 1970.", "1772357400"),
            header(
                "webhook-signature",
                "One signature for each secret that counts, separated by spaces: `v1,` and the HMAC-SHA256 of \
                 `<webhook-id>.<webhook-timestamp>.<body>` in base64.",
                "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
            ),
        ],
        "requestBody": object! { "required": true, "content": content },
        "responses": object! {
            "204": object! { "description": "It arrived; any 2xx will do, within 15 seconds." },
            "410": object! { "description": "The receiver is gone: nothing more is sent until the endpoint is resumed." },
            "default": object! { "description": "It did not arrive, and is sent again. Redirects are not followed." },
        },
    } } }
}

fn header(name: &str, description: &str, example: &str) -> Object {
    object! {
        "name": name,
        "in": "header",
        "required": true,
        "description": description,
        "schema": object! { "type": "string" },
        "example": example,
    }
}
