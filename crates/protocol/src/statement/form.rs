//! What every statement of one author begins with (§0): the log, a nonce, and `time` or, for hers, `day`.

/// A payload that is `v`, `origin`, `nonce`, a clock and the fields given; `keeps` names the function of its rules. `time`: POSIX
/// seconds. `day`: a UTC day, of the statements that travel in office cells (§9.3) and in messages (§9.4).
macro_rules! statement {
    (time, $($rest:tt)*) => {
        statement!(@ u64, "POSIX seconds.", $crate::statement::ENVELOPE_MAX, time, $($rest)*);
    };
    (day, $($rest:tt)*) => {
        statement!(
            @ $crate::ids::Day, "UTC day of the device.", $crate::drop::CELL_ENVELOPE_MAX, day, $($rest)*
        );
    };
    (@ $clock_type:ty, $clock_doc:literal, $max:expr, $clock:ident,
     $(#[$doc:meta])* $name:ident = $wire:literal { $($(#[$field_doc:meta])* $field:ident : $type:ty,)* } $(keeps $rules:path)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// 1.
            pub v: $crate::ids::Version,
            /// The log's name.
            pub origin: $crate::ids::Origin,
            /// Random.
            pub nonce: $crate::ids::Nonce,
            #[doc = $clock_doc]
            pub $clock: $clock_type,
            $($(#[$field_doc])* pub $field: $type,)*
        }
        impl $crate::statement::Payload for $name {
            const NAME: &'static str = $wire;
            const ENVELOPE_MAX: usize = $max;
            fn read(payload: &[u8]) -> Result<Self, $crate::json::JsonError> {
                $crate::json::read(payload, $crate::envelope::PAYLOAD_MAX)
            }
            $(fn check(&self) -> $crate::statement::Rule { $rules(self) })?
        }
    };
}
