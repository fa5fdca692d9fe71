//! Every sentence the desk says, in both languages side by side, so that none is forgotten.
//!
//! One topic a file; the compiler asks for each language.

mod error;
