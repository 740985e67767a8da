//! The pages of this repository, held to the code: links and paths lead somewhere, lists are complete, and numbers are
//! those of the constants. What a machine cannot check is read by people; see docs/changing-things.md.

mod fields;
mod glossary;
mod layers;
mod links;
mod lists;
mod numbers;
mod pages;
mod width;
