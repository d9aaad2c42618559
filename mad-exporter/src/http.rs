#![doc = include_str!("../HTTP.md")]
