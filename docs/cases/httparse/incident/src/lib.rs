//! Holds a test that was written after the incident.
