//! `page` on lists that page by token.

use super::{Context, write};
use crate::kind::{Shape, Typed, Value};
use crate::model::{Body, Http, Method};
use crate::names;

/// The Rust field with the items of a list that pages by token and takes
/// page numbers from nowhere else; none for every other method.
pub(crate) fn items(method: &Method, http: &Http) -> Option<String> {
    let (input, output) = (method.head(), method.rpc.output());
    let plain = |message: &prost_reflect::MessageDescriptor, name: &str, word: &str| {
        message.get_field_by_name(name).is_some_and(|field| {
            let typed = Typed::of(&field);
            matches!(typed.shape, Shape::Plain)
                && matches!(typed.value, Value::Scalar(known) if known == word)
        })
    };
    let pages = http.verb == "GET"
        && method.exposure.compose.is_none()
        && http.body == Body::None
        && http.response_body.is_empty()
        && !method.rpc.is_server_streaming()
        && plain(&input, "page_size", "int32")
        && plain(&input, "page_token", "string")
        && plain(&output, "next_page_token", "string")
        && input.get_field_by_name("page").is_none();
    let mut lists = output
        .fields()
        .filter(|field| matches!(Typed::of(field).shape, Shape::List));
    let first = lists.next().filter(|_| pages)?;
    Some(names::field(first.name()))
}

/// Statements that read over what lies before the page asked for.
pub(super) fn skip(method: &Method, items: &str, context: &Context<'_>) -> String {
    let output = method.rpc.output();
    let ty = context.rust_type(&output);
    format!(
        "let mut skip = bff::Skip::to(page, &mut request.page_size, &request.page_token)?; \
         while let Some(step) = skip.step() {{ \
         let mut ahead = request.clone(); ahead.page_size = step; \
         let passed: {ty} = call.unary(ahead).await?; \
         if passed.next_page_token.is_empty() {{ return call.answer(&{ty}::default(), {}); }} \
         skip.passed(passed.{items}.len()); request.page_token = passed.next_page_token; }}",
        write::name(&output)
    )
}
