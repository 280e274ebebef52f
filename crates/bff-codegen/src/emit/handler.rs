//! One handler per HTTP binding.

use std::fmt::Write as _;

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use super::{Context, Seen, bind, compose, flow, guidance, paging, quoted, read, wire, write};
use crate::check::resolve;
use crate::kind::{HTTP_BODY, Shape, Typed, Value};
use crate::model::{Body, Http, Idempotency, Method, Session, Stream, Upload};
use crate::names;

/// Name of a handler, unique for each method and binding.
pub(super) fn name(method: &Method, index: usize) -> String {
    format!("handle_{}_{index}", names::ident(method.rpc.full_name()))
}

/// The handler, and before it the function that binds its query parameters.
pub(super) fn handler(method: &Method, http: &Http, index: usize, context: &Context<'_>) -> String {
    let name = name(method, index);
    let request = context.rust_type(&method.head());
    let mut out = bind::binder(
        &format!("query_{name}"),
        &request,
        &query_arms(method, http, context),
    );
    let mut body = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(body, "        {text}");
    };
    for text in input(method, http, context) {
        line(&text);
    }
    let paged = paging::items(method, http);
    if paged.is_some() {
        line("let page = call.take_page()?;");
    }
    line(&format!("call.query(&mut request, query_{name})?;"));
    for text in fill(method, http, context) {
        line(&text);
    }
    if let Some(items) = paged {
        line(&paging::skip(method, &items, context));
    }
    for text in answer(method, http, context) {
        line(&text);
    }
    let _ = write!(
        out,
        "\n#[doc = {}]\nfn {name}(mut call: bff::Call) \
         -> BoxFuture<'static, Result<Response, bff::Problem>> {{\n    \
         Box::pin(async move {{\n{body}    }})\n}}\n",
        quoted(&format!(
            "{} {} calls {}.",
            http.verb,
            http.path,
            method.full_name()
        )),
    );
    out
}

pub(super) fn find(fields: &[Seen], name: &str) -> Option<usize> {
    fields
        .iter()
        .position(|seen| seen.field.name() == name || seen.field.json_name() == name)
}

/// Statements that take the request from the body.
fn input(method: &Method, http: &Http, context: &Context<'_>) -> Vec<String> {
    let message = method.head();
    let ty = context.rust_type(&message);
    let start = format!("let mut request = {ty}::default();");
    if method.exposure.upload.is_some() {
        return vec![start, "let upload = call.receive().await?;".to_owned()];
    }
    let raw = |place: &str| {
        let body = format!("{}::google::api::HttpBody", context.generator.rust_root);
        format!(
            "let (content_type, data) = call.raw_body().await?; \
             {place} = {body} {{ content_type, data: data.into(), ..Default::default() }}"
        )
    };
    let reads = match &http.body {
        Body::None => return vec![start],
        Body::Whole if message.full_name() == HTTP_BODY => {
            return vec![format!("{};", raw("let mut request"))];
        }
        Body::Whole => read::name(&message),
        Body::Field(name) => {
            let fields = context.fields(&message);
            let Some(seen) = find(&fields, name).map(|at| &fields[at]) else {
                return vec![start];
            };
            if seen
                .typed
                .value
                .message()
                .is_some_and(|m| m.full_name() == HTTP_BODY)
            {
                let field = names::field(seen.field.name());
                let set = raw("let body");
                return vec![
                    start,
                    format!("{set}; request.{field} = Some(body.into());"),
                ];
            }
            format!(
                "|r| {{ let mut m = {ty}::default(); {} Ok(m) }}",
                read::assign(seen, context)
            )
        }
    };
    if patches(method, http) {
        vec![format!(
            "let (mut request, present) = call.json_with_paths({reads}).await?;"
        )]
    } else {
        vec![format!("let mut request = call.json({reads}).await?;")]
    }
}

/// Whether the field mask is made from what the body holds.
fn patches(method: &Method, http: &Http) -> bool {
    let mask = method.rpc.input().get_field_by_name("update_mask");
    let has_mask = mask.is_some_and(|field| matches!(Typed::of(&field).value, Value::FieldMask(_)));
    let has_message = match &http.body {
        Body::None => false,
        Body::Whole => true,
        Body::Field(name) => body_field(method, name)
            .is_some_and(|field| Typed::of(&field).value.message().is_some()),
    };
    http.verb == "PATCH" && has_mask && has_message
}

fn body_field(method: &Method, name: &str) -> Option<FieldDescriptor> {
    let input = method.rpc.input();
    input
        .get_field_by_name(name)
        .or_else(|| input.get_field_by_json_name(name))
}

/// Arms for the parameters of this binding: every field that neither path
/// nor body fills.
fn query_arms(method: &Method, http: &Http, context: &Context<'_>) -> String {
    let upload = method.exposure.upload.as_ref();
    if http.body == Body::Whole && upload.is_none() {
        return String::new();
    }
    let message = method.head();
    let taken: Vec<String> = http
        .template
        .variables
        .iter()
        .filter(|variable| !variable.path.contains('.'))
        .filter_map(|variable| resolve(&message, &variable.path))
        .map(|resolved| resolved.last().name().to_owned())
        .chain(match &http.body {
            Body::Field(name) => body_field(method, name).map(|field| field.name().to_owned()),
            _ => None,
        })
        .chain(upload.into_iter().flat_map(Upload::told))
        .chain(method.in_headers_alone())
        // A cookie proves which browser calls; a link must not.
        .chain(
            method
                .exposure
                .request_cookies
                .iter()
                .map(|binding| binding.field.clone()),
        )
        .collect();
    let fields = context.fields(&message);
    let free = |seen: &&Seen| !taken.iter().any(|name| name == seen.field.name());
    let mut arms = bind::arms(fields.iter().filter(free), context);
    if let Some(at) = find(&fields, "page_size") {
        let statement = bind::statement(&fields[at], context).unwrap_or_default();
        if find(&fields, "limit").is_none() {
            let _ = writeln!(arms, "        \"limit\" => {{ {statement} }}");
        }
    }
    arms
}

/// Statements that fill the request from path, headers and conventions.
fn fill(method: &Method, http: &Http, context: &Context<'_>) -> Vec<String> {
    let message = method.head();
    let mut lines = Vec::new();
    for (index, variable) in http.template.variables.iter().enumerate() {
        if let Some(resolved) = resolve(&message, &variable.path) {
            lines.push(bind::set_path(
                &resolved,
                &format!("call.variable({index})"),
                context,
            ));
        }
    }
    for binding in &method.exposure.request_headers {
        if let Some(resolved) = resolve(&message, &binding.field) {
            let set = bind::set_path(&resolved, "text", context);
            lines.push(format!(
                "if let Some(text) = call.header({})? {{ call.not_in_query({}, {}, {})?; {set} }}",
                quoted(&binding.header),
                quoted(&binding.header),
                quoted(&resolved.json_path()),
                quoted(&binding.field),
            ));
        }
    }
    lines.extend(flow::fill(method));
    if patches(method, http) {
        lines.push(update_mask(method, http, context));
    }
    if let Some(line) = read_mask(method, context) {
        lines.push(line);
    }
    match method.exposure.idempotency {
        Idempotency::None => {}
        mode => lines.push(format!(
            "call.request_key(&mut request.request_id, {})?;",
            mode == Idempotency::Required
        )),
    }
    let takes_token = matches!(method.exposure.session, Session::Refresh | Session::End)
        && message.get_field_by_name("refresh_token").is_some();
    if takes_token {
        lines.push("call.refresh_token(&mut request.refresh_token)?;".to_owned());
    }
    lines
}

/// A mask that the caller did not give is what the body holds, less what is
/// not part of the resource.
fn update_mask(method: &Method, http: &Http, context: &Context<'_>) -> String {
    let message = method.rpc.input();
    let mut beside: Vec<String> = Vec::new();
    if http.body == Body::Whole {
        beside.extend(["update_mask".to_owned(), "request_id".to_owned()]);
        let variables = http.template.variables.iter();
        beside.extend(
            variables
                .filter_map(|variable| resolve(&message, &variable.path))
                .map(|resolved| resolved.steps[0].name().to_owned()),
        );
    }
    let mask = format!(
        "{}::google::protobuf::FieldMask",
        context.generator.rust_root
    );
    format!(
        "if request.update_mask.as_ref().is_none_or(|mask| mask.paths.is_empty()) {{ \
         let beside: &[&str] = &{beside:?}; \
         let paths = present.into_iter().filter(|path| \
         !beside.contains(&path.split('.').next().unwrap_or_default())).collect(); \
         request.update_mask = Some({mask} {{ paths }}); }}"
    )
}

/// `?fields=` goes to the backend as well where the request has a read mask
/// and the answer is the resource itself.
fn read_mask(method: &Method, context: &Context<'_>) -> Option<String> {
    let field = method.rpc.input().get_field_by_name("read_mask")?;
    let is_mask = matches!(Typed::of(&field).value, Value::FieldMask(_));
    let is_list = method
        .rpc
        .output()
        .get_field_by_name("next_page_token")
        .is_some();
    if !is_mask || is_list {
        return None;
    }
    let mask = format!(
        "{}::google::protobuf::FieldMask",
        context.generator.rust_root
    );
    Some(format!(
        "if request.read_mask.is_none() {{ request.read_mask = \
         call.wanted_paths().map(|paths| {mask} {{ paths }}); }}"
    ))
}

/// Statements that call the backend and answer.
fn answer(method: &Method, http: &Http, context: &Context<'_>) -> Vec<String> {
    let output = method.rpc.output();
    let ty = context.rust_type(&output);
    match method.exposure.stream {
        Stream::Body => {
            return vec![
                format!("let stream = call.stream::<_, {ty}>(request).await?;"),
                "call.answer_download(stream, |chunk| (chunk.content_type, Bytes::from(chunk.data))).await".to_owned(),
            ];
        }
        Stream::Events | Stream::Lines => {
            let frames = if method.exposure.stream == Stream::Events {
                "Events"
            } else {
                "Lines"
            };
            return vec![
                format!("let stream = call.watch::<_, {ty}>(request).await?;"),
                format!(
                    "call.answer_events(stream, bff::Frames::{frames}, {}, {})",
                    write::name(&output),
                    event_id(method)
                ),
            ];
        }
        Stream::None => {}
    }
    let mut lines = guidance::before(method, http, context);
    if let Some(line) = passed_on(method, http, context) {
        lines.push(line);
        return lines;
    }
    match compose::calls(method, context) {
        Some(calls) => lines.extend(calls),
        None => lines.push(flow::call(method, &ty, context)),
    }
    for binding in &method.exposure.response_headers {
        if let Some(resolved) = resolve(&output, &binding.field) {
            lines.push(set_header(&binding.header, &resolved.steps));
        }
    }
    lines.extend(guidance::location(method, context));
    match method.exposure.session {
        Session::Start | Session::Refresh => lines.push(
            "call.open_session(bff::Tokens { access: &answer.access_token, refresh: &answer.refresh_token })?;".to_owned(),
        ),
        Session::End => lines.push("call.close_session();".to_owned()),
        Session::None => {}
    }
    lines.extend(flow::answer(method, context));
    lines.extend(guidance::after(method, http, context));
    lines.extend(guidance::gone(method));
    lines.push(last(method, http, context));
    lines
}

/// The expression of a handler that has nothing to do with the answer but to
/// write it, which needs no message.
fn passed_on(method: &Method, http: &Http, context: &Context<'_>) -> Option<String> {
    let exposure = &method.exposure;
    let output = method.rpc.output();
    let untouched = exposure.upload.is_none()
        && exposure.response_headers.is_empty()
        && guidance::location(method, context).is_none()
        && guidance::gone(method).is_none()
        && exposure.session == Session::None
        && http.response_body.is_empty()
        && compose::calls(method, context).is_none()
        && flow::answer(method, context).is_empty()
        && guidance::after(method, http, context).is_empty();
    (untouched && wire::suits(&output, context)).then(|| {
        format!(
            "call.pass(request, &{}, {}).await",
            wire::table_name(&output),
            write::name(&output)
        )
    })
}

/// The messages that handlers pass on.
pub(super) fn passed(context: &Context<'_>) -> Vec<MessageDescriptor> {
    let methods = context.api.methods.iter();
    let passed = methods.filter(|method| {
        let mut bindings = method.bindings.iter();
        method.exposure.stream == Stream::None
            && bindings.any(|http| passed_on(method, http, context).is_some())
    });
    passed.map(|method| method.rpc.output()).collect()
}

/// The expression that a unary handler ends with.
fn last(method: &Method, http: &Http, context: &Context<'_>) -> String {
    let output = method.rpc.output();
    if output.full_name() == HTTP_BODY {
        return "call.answer_body(&answer.content_type, answer.data)".to_owned();
    }
    let fields = context.fields(&output);
    let Some(seen) = find(&fields, &http.response_body).map(|at| &fields[at]) else {
        return format!("call.answer(&answer, {})", write::name(&output));
    };
    let is_body = seen
        .typed
        .value
        .message()
        .is_some_and(|m| m.full_name() == HTTP_BODY);
    if is_body && matches!(seen.typed.shape, Shape::Optional) {
        let field = names::field(seen.field.name());
        return format!(
            "let body = answer.{field}.unwrap_or_default(); call.answer_body(&body.content_type, body.data)"
        );
    }
    format!("call.answer(&answer, |w, m| {{ {} }})", write::whole(seen))
}

/// Where an event's id comes from: a field made for it, else a version.
fn event_id(method: &Method) -> String {
    let output = method.rpc.output();
    for name in ["event_id", "version"] {
        let Some(field) = output.get_field_by_name(name) else {
            continue;
        };
        let typed = Typed::of(&field);
        let is_plain = matches!(typed.shape, Shape::Plain);
        if is_plain && matches!(typed.value, Value::Scalar(word) if word != "bytes") {
            return format!("|m| Some(m.{}.to_string())", names::field(name));
        }
    }
    "|_| None".to_owned()
}

fn set_header(header: &str, steps: &[FieldDescriptor]) -> String {
    let (last, around) = steps.split_last().expect("a path has a last step");
    let mut out = String::from("{ let m = &answer; ");
    for step in around {
        let _ = write!(out, "if let Some(m) = &m.{} {{ ", names::field(step.name()));
    }
    let (header, field) = (quoted(header), names::field(last.name()));
    let _ = match Typed::of(last).value {
        Value::Time(..) => write!(
            out,
            "if let Some(time) = &m.{field} {{ call.set_date({header}, time.seconds); }}"
        ),
        _ => write!(out, "call.set_header({header}, &m.{field}.to_string());"),
    };
    out.push_str(&" }".repeat(around.len() + 1));
    out
}
