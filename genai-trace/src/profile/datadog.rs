//! Datadog's LLM Observability: it reads the conventions as they were from version 1.37 on, in their versions.

use super::gen_ai_1_41;
use super::table::Table;

pub(super) const TABLE: Table = gen_ai_1_41::TABLE;
