### The desk, and the public record. Same ids, attributes and variables in every language.
