"""The generated part of the client. Generated from the OpenAPI document; not to be edited."""
