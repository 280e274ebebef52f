//! The template service.
