//! Reading extension options through reflection.

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, FileDescriptor, MapKey,
    MethodDescriptor, Value,
};

use super::{
    Auth, Body, Cache, CookieBinding, Exposure, HeaderBinding, Idempotency, Session, Stream,
    Upload, guidance, protocol,
};

/// The extensions that the generator understands.
pub(crate) struct Options {
    exposure: Option<ExtensionDescriptor>,
    http: Option<ExtensionDescriptor>,
    tag: Option<ExtensionDescriptor>,
}

/// One `google.api.HttpRule`, its additional bindings taken apart.
pub(crate) struct Rule {
    pub(crate) verb: String,
    pub(crate) path: String,
    pub(crate) body: Body,
    pub(crate) response_body: String,
}

impl Options {
    pub(crate) fn find(pool: &DescriptorPool) -> Self {
        let find = |name: &str| pool.get_extension_by_name(name);
        Self {
            exposure: find("covergen.bff.v1.bff"),
            http: find("google.api.http"),
            tag: find("covergen.bff.v1.tag"),
        }
    }

    pub(crate) fn tag(&self, file: &FileDescriptor) -> Option<String> {
        let value = extension(&file.options(), self.tag.as_ref())?;
        value.as_str().map(str::to_owned)
    }

    pub(crate) fn exposure(&self, rpc: &MethodDescriptor) -> Option<Exposure> {
        let value = extension(&rpc.options(), self.exposure.as_ref())?;
        value.as_message().map(exposure)
    }

    pub(crate) fn http_rules(&self, rpc: &MethodDescriptor) -> Vec<Result<Rule, String>> {
        let value = extension(&rpc.options(), self.http.as_ref());
        let Some(rule) = value.as_ref().and_then(Value::as_message) else {
            return Vec::new();
        };
        let mut rules = vec![http_rule(rule)];
        for more in messages(rule, "additional_bindings") {
            if messages(&more, "additional_bindings").is_empty() {
                rules.push(http_rule(&more));
            } else {
                rules.push(Err("additional_bindings cannot have their own".to_owned()));
            }
        }
        rules
    }
}

fn extension(options: &DynamicMessage, known: Option<&ExtensionDescriptor>) -> Option<Value> {
    let known = known?;
    options
        .has_extension(known)
        .then(|| options.get_extension(known).into_owned())
}

fn http_rule(rule: &DynamicMessage) -> Result<Rule, String> {
    let mut verb_and_path = None;
    for verb in ["get", "put", "post", "delete", "patch"] {
        if rule.has_field_by_name(verb) {
            verb_and_path = Some((verb.to_uppercase(), text(rule, verb)));
        }
    }
    if let Some(custom) = message(rule, "custom") {
        verb_and_path = Some((text(&custom, "kind"), text(&custom, "path")));
    }
    let Some((verb, path)) = verb_and_path else {
        return Err("the HTTP rule has no verb and path".to_owned());
    };
    let is_token =
        verb == "*" || (!verb.is_empty() && verb.bytes().all(|b| b.is_ascii_uppercase()));
    if !is_token {
        return Err(format!(
            "`{verb}` is not an HTTP method in capitals, nor `*`"
        ));
    }
    let body = match text(rule, "body").as_str() {
        "" => Body::None,
        "*" => Body::Whole,
        field => Body::Field(field.to_owned()),
    };
    Ok(Rule {
        verb,
        path,
        body,
        response_body: text(rule, "response_body"),
    })
}

fn exposure(message_: &DynamicMessage) -> Exposure {
    let mut reasons: Vec<(String, u32)> = Vec::new();
    if let Some(value) = message_.get_field_by_name("reason_status")
        && let Some(map) = value.as_map()
    {
        for (key, status) in map {
            if let (MapKey::String(reason), Some(status)) = (key, status.as_u32()) {
                reasons.push((reason.clone(), status));
            }
        }
    }
    reasons.sort();
    Exposure {
        audiences: numbers(message_, "expose"),
        auth: message(message_, "auth").map(|auth| Auth {
            public: boolean(&auth, "public"),
            permission: text(&auth, "permission"),
            scopes: texts(&auth, "scopes"),
        }),
        status: number(message_, "status"),
        cache: message(message_, "cache").map(|cache| Cache {
            max_age_seconds: number(&cache, "max_age_seconds"),
            private: boolean(&cache, "private"),
            vary: texts(&cache, "vary"),
            etag: boolean(&cache, "etag"),
            immutable: boolean(&cache, "immutable"),
            purge_on: texts(&cache, "purge_on"),
            keep_seconds: number(&cache, "keep_seconds"),
        }),
        idempotency: match enumeration(message_, "idempotency") {
            1 => Idempotency::Optional,
            2 => Idempotency::Required,
            _ => Idempotency::None,
        },
        rate: text(message_, "rate"),
        deadline_ms: number(message_, "deadline_ms"),
        stream: match enumeration(message_, "stream") {
            1 => Stream::Events,
            2 => Stream::Lines,
            3 => Stream::Body,
            _ => Stream::None,
        },
        shared: boolean(message_, "shared"),
        request_headers: headers(message_, "request_headers"),
        response_headers: headers(message_, "response_headers"),
        summary: text(message_, "summary"),
        reason_status: reasons,
        session: match enumeration(message_, "session") {
            1 => Session::Start,
            2 => Session::Refresh,
            3 => Session::End,
            _ => Session::None,
        },
        admin: boolean(message_, "admin"),
        upload: message(message_, "upload").map(|upload| Upload {
            header: text(&upload, "header"),
            chunk: text(&upload, "chunk"),
            content_type: text(&upload, "content_type"),
            filename: text(&upload, "filename"),
            types: texts(&upload, "types"),
            max_bytes: upload
                .get_field_by_name("max_bytes")
                .and_then(|value| value.as_u64())
                .unwrap_or_default(),
            bare: boolean(&upload, "bare"),
        }),
        redirect: text(message_, "redirect"),
        request_cookies: cookies(message_, "request_cookies"),
        response_cookies: cookies(message_, "response_cookies"),
        max_body_bytes: number(message_, "max_body_bytes"),
        compose: message(message_, "compose").map(|compose| super::compose::read(&compose)),
        links: guidance::links(message_),
        deprecation: guidance::deprecation(message_),
        location: guidance::location(message_),
        protocol: protocol::protocol(message_),
    }
}

fn cookies(message: &DynamicMessage, name: &str) -> Vec<CookieBinding> {
    let bindings = messages(message, name);
    let bindings = bindings.iter().map(|binding| CookieBinding {
        cookie: text(binding, "cookie"),
        field: text(binding, "field"),
        max_age_seconds: number(binding, "max_age_seconds"),
        path: text(binding, "path"),
        clear: boolean(binding, "clear"),
    });
    bindings.collect()
}

fn headers(message: &DynamicMessage, name: &str) -> Vec<HeaderBinding> {
    let bindings = messages(message, name);
    let bindings = bindings.iter().map(|binding| HeaderBinding {
        header: text(binding, "header").to_ascii_lowercase(),
        field: text(binding, "field"),
    });
    bindings.collect()
}

/// How a field is shown outside the mesh.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldExposure {
    pub(crate) hidden_from: Vec<i32>,
    pub(crate) sensitive: bool,
    pub(crate) output_only: bool,
    pub(crate) since: String,
}

impl FieldExposure {
    pub(crate) fn of(field: &FieldDescriptor) -> Self {
        let pool = field.parent_pool();
        let known = pool.get_extension_by_name("covergen.bff.v1.field");
        let value = extension(&field.options(), known.as_ref());
        let Some(exposure) = value.as_ref().and_then(Value::as_message) else {
            return Self::default();
        };
        Self {
            hidden_from: numbers(exposure, "hide"),
            sensitive: boolean(exposure, "sensitive"),
            output_only: boolean(exposure, "output_only"),
            since: text(exposure, "since"),
        }
    }
}

/// The `buf.validate.field` rules of a field, if it has any.
pub(crate) fn validation(field: &FieldDescriptor) -> Option<DynamicMessage> {
    let pool = field.parent_pool();
    let known = pool.get_extension_by_name("buf.validate.field");
    let value = extension(&field.options(), known.as_ref())?;
    value.as_message().cloned()
}

pub(crate) fn text(message: &DynamicMessage, name: &str) -> String {
    let value = message.get_field_by_name(name);
    value
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

pub(crate) fn boolean(message: &DynamicMessage, name: &str) -> bool {
    let value = message.get_field_by_name(name);
    value.and_then(|value| value.as_bool()).unwrap_or_default()
}

fn number(message: &DynamicMessage, name: &str) -> u32 {
    let value = message.get_field_by_name(name);
    value.and_then(|value| value.as_u32()).unwrap_or_default()
}

fn enumeration(message: &DynamicMessage, name: &str) -> i32 {
    let value = message.get_field_by_name(name);
    value
        .and_then(|value| value.as_enum_number())
        .unwrap_or_default()
}

fn numbers(message: &DynamicMessage, name: &str) -> Vec<i32> {
    list(message, name)
        .iter()
        .filter_map(Value::as_enum_number)
        .collect()
}

pub(crate) fn texts(message: &DynamicMessage, name: &str) -> Vec<String> {
    let values = list(message, name);
    values
        .iter()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

pub(crate) fn message(parent: &DynamicMessage, name: &str) -> Option<DynamicMessage> {
    if !parent.has_field_by_name(name) {
        return None;
    }
    let value = parent.get_field_by_name(name)?;
    value.as_message().cloned()
}

pub(crate) fn messages(parent: &DynamicMessage, name: &str) -> Vec<DynamicMessage> {
    let values = list(parent, name);
    values
        .iter()
        .filter_map(|value| value.as_message().cloned())
        .collect()
}

fn list(message: &DynamicMessage, name: &str) -> Vec<Value> {
    let value = message.get_field_by_name(name);
    value
        .and_then(|value| value.as_list().map(<[Value]>::to_vec))
        .unwrap_or_default()
}
