//! The contract with operators and their scripts, told with the program as a whole.

mod answers;
mod bulk;
mod damage;
mod decode;
mod exec;
mod formats;
mod front;
mod guide;
mod help;
mod link;
mod matrix;
mod matrix_page;
mod mint;
mod office;
mod origin;
mod permissions;
mod platform;
mod pushes;
mod qr;
mod redeem;
mod schemas;
mod secrets;
mod shape;
mod terminal;
mod who;
