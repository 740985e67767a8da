//! The macros behind the declarations.
//!
//! A declaration names its handler, which is in the worker and cannot be named by this crate. So each table comes with
//! a macro that holds the handlers' paths in the table's order; the worker expands it where its handlers are in scope.

/// Declares the endpoints of an area: `handler(Caller) = endpoint`, where the handler's path begins at the worker's
/// root.
///
/// Makes the table `ENDPOINTS`, and a macro of the area's name that expands to `handlers![Caller(handler), …]`.
macro_rules! endpoints {
    ($area:ident, $($($handler:ident)::+($caller:ident) = $declared:expr),+ $(,)?) => {
        pub(in crate::wire) const ENDPOINTS: &[$crate::wire::api::Endpoint] =
            &[$($declared.by($crate::wire::api::Caller::$caller)),+];

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $area {
            () => { handlers![$($caller($($handler)::+)),+] };
        }
    };
}

/// Lists areas. Makes the table `AREAS`, and a macro of the given name that expands to `areas![area, …]`.
macro_rules! endpoint_areas {
    ($handlers:ident, $($area:ident),+ $(,)?) => {
        /// The endpoints that are declared here, by area.
        pub static AREAS: &[&[$crate::wire::api::Endpoint]] = &[$($area::ENDPOINTS),+];

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $handlers {
            () => { areas![$($area),+] };
        }
    };
}
