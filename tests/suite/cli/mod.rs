//! The contract with operators and their scripts, told with the program as a whole.

mod exec;
mod formats;
mod link;
mod mint;
mod office;
mod origin;
mod qr;
mod who;
