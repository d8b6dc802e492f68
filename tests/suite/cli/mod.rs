//! The contract with operators and their scripts, told with the program as a whole.

mod mint;
mod office;
mod origin;
mod who;
