//! Errors whose type is hidden behind `dyn Error`.

use std::any::Any;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;

/// An error whose type is hidden, in each form that the standard library knows.
pub trait Erased {
    /// The error in its plain form.
    fn as_error(&self) -> &(dyn Error + 'static);
}

macro_rules! erased {
    ($($form:ty),*) => { $(
        impl Erased for $form {
            fn as_error(&self) -> &(dyn Error + 'static) {
                self
            }
        }
    )* };
}

erased!(
    dyn Error,
    dyn Error + Send,
    dyn Error + Sync,
    dyn Error + Send + Sync
);

/// The error in a pointer to `dyn Error`.
pub(crate) fn erased_in(pointer: &dyn Any) -> Option<&(dyn Error + 'static)> {
    macro_rules! first_of {
        ($($pointer:ident),*) => {
            None $(
                .or_else(|| in_pointer::<$pointer<dyn Error + Send + Sync>, _>(pointer))
                .or_else(|| in_pointer::<$pointer<dyn Error + Send>, _>(pointer))
                .or_else(|| in_pointer::<$pointer<dyn Error>, _>(pointer))
            )*
        };
    }
    first_of!(Box, Arc, Rc)
}

fn in_pointer<P: AsRef<E> + 'static, E: Erased + ?Sized + 'static>(
    pointer: &dyn Any,
) -> Option<&(dyn Error + 'static)> {
    let pointer: &P = pointer.downcast_ref()?;
    Some(pointer.as_ref().as_error())
}
