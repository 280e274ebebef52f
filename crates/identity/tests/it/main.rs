//! Tokens and keys as callers see them.
mod keys;
mod tokens;
