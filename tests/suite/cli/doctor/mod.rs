//! The doctor: a platform that is well, and one fault at a time.

mod clinic;
mod faults;
mod stories;
