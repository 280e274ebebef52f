"""Tests of the client, against the running platform."""
