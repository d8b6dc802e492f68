//! The verbs, told with the program as a whole against a sandbox in another process.

mod pipeline;
mod story;
