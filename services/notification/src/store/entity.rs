pub(crate) mod delivery;
pub(crate) mod notification;
pub(crate) mod push_subscription;
pub(crate) mod sealed_key;
pub(crate) mod webhook;
