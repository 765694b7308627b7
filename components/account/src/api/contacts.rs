//! The caller's address book.

use stoa_kit::http::{Answer, Caller, Idempotency, IfMatch, IfNoneMatch, Json, Path, Problem};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::contact_documents::{Contact, ContactList, ContactPatch, NewContact};
use crate::store::address_book;

/// Lists the caller's contacts, newest first: all of them, at most 20.
#[utoipa::path(
    get,
    path = "/v1/me/contacts",
    operation_id = "list_contacts",
    tag = "account",
    responses(
        (status = 200, description = "The contacts.", body = ContactList),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    let items = address_book::list(caller.account_id).await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// Adds a contact.
///
/// The first one becomes the default for deliveries and for pickups. A later one that asks for a
/// default takes it from the contact that has it, and that contact gets a new version.
#[utoipa::path(
    post,
    path = "/v1/me/contacts",
    operation_id = "add_contact",
    tag = "account",
    request_body = NewContact,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "The new contact: Location says where, ETag is its version.", body = Contact),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`too_many_contacts`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn add(
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<NewContact>,
) -> Result<Answer> {
    let contact = body.normalised()?;
    let added = address_book::add(caller.account_id, &idempotency, &contact).await?;
    // Of a repeated request it is the id that the first one made.
    let location = format!("/v1/me/contacts/{}", added.id);
    Ok(Answer::from_write(Some(added.row))?
        .location(&location)
        .version(added.version))
}

/// Reads one of the caller's contacts.
#[utoipa::path(
    get,
    path = "/v1/me/contacts/{id}",
    operation_id = "read_contact",
    tag = "account",
    params(
        ("id" = Uuid, Path, description = "The contact."),
        ("If-None-Match" = Option<String>, Header, description = "ETag of the version at hand."),
    ),
    responses(
        (status = 200, description = "The contact; its version is the ETag.", body = Contact),
        (status = 304, description = "Still the version at hand."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, also for somebody else's.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(
    caller: Caller,
    Path(id): Path<Uuid>,
    IfNoneMatch(at_hand): IfNoneMatch,
) -> Result<Answer> {
    let contact = address_book::read(caller.account_id, id)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(contact.json)
        .unless_at_hand(at_hand == Some(contact.version))
        .version(contact.version))
}

/// Changes one of the caller's contacts.
///
/// What changes nothing makes no new version. A default that is set is taken from the contact that
/// has it, and that contact gets a new version too.
#[utoipa::path(
    patch,
    path = "/v1/me/contacts/{id}",
    operation_id = "change_contact",
    tag = "account",
    request_body = ContactPatch,
    params(
        ("id" = Uuid, Path, description = "The contact."),
        ("If-Match" = String, Header, description = "ETag of the version to change."),
    ),
    responses(
        (status = 200, description = "The contact as it is now; its version is the ETag.", body = Contact),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, also for somebody else's.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`default_contact`: a default is only given to another contact.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`stale_version`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "`precondition_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change(
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(body): Json<ContactPatch>,
) -> Result<Answer> {
    let patch = body.normalised()?;
    let contact = address_book::change(caller.account_id, id, version, &patch).await?;
    Ok(Answer::json_text(contact.json).version(contact.version))
}

/// Deletes one of the caller's contacts.
///
/// The newest contact that remains gets the defaults that it had, and with them a new version. The
/// last contact may go too.
#[utoipa::path(
    delete,
    path = "/v1/me/contacts/{id}",
    operation_id = "delete_contact",
    tag = "account",
    params(
        ("id" = Uuid, Path, description = "The contact."),
        ("If-Match" = String, Header, description = "ETag of the version to delete."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`, also for somebody else's.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`stale_version`", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "`precondition_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete(
    caller: Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
) -> Result<Answer> {
    address_book::delete(caller.account_id, id, version).await?;
    Ok(Answer::no_content())
}
