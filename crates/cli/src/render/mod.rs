// SPDX-License-Identifier: Apache-2.0
//! One model of what is said, drawn as text, as plain sentences, or as JSON.

pub mod compare;
pub mod derivation;
pub mod diagnostic;
pub mod doc;
pub mod heat;
pub mod json;
pub mod judgment;
pub mod matrix;
pub mod next;
pub mod plain;
pub mod question;
pub mod replay;
pub mod sarif;
pub mod steps;
pub mod text;
