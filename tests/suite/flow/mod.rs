//! The verbs, told with the program as a whole against its sandbox.

mod drift;
mod grants;
mod paging;
mod pipeline;
mod slips;
mod story;
