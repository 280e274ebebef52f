pub(crate) mod design;
pub(crate) mod export;
pub(crate) mod file;
