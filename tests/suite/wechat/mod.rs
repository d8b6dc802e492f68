//! The protocol, against captured answers and the shapes that WeChat's documents print.

mod captured;
mod errcode;
mod link;
mod lint;
mod permission;
mod redirect;
mod refusal;
mod samples;
mod value;
