//! The contract with operators and their scripts, told with the program as a whole.

mod answers;
mod bulk;
mod damage;
mod exec;
mod formats;
mod link;
mod mint;
mod office;
mod origin;
mod qr;
mod redeem;
mod schemas;
mod shape;
mod who;
