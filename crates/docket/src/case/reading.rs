//! The acts of a case judged together (§8.1, §8.3, §19).
