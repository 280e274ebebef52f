//! The safety service.
