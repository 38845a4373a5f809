//! The vendor's API: wire types, HTTP client, throttle and retry table (vendor-api.md).

pub mod wire;
