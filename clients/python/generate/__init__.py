"""Writes the generated part of the client from an OpenAPI document."""
