//! What a model call's request and response say of it, read from their JSON.

use serde::Serialize;
use serde_json::Value as Json;

use super::open::Open;
use super::opening::Opening;
use super::probe::Probe;
use crate::provider::openai_chat;

impl Opening {
    /// Reads what the request asks for (`request = expr`): the model and the parameters that its
    /// JSON names. A body that cannot be serialised, or has another form, says nothing.
    pub fn request<T: Serialize + ?Sized>(&mut self, body: &T) {
        if let Ok(body) = serde_json::to_value(body) {
            openai_chat::request(&body, |key, fact| {
                self.set_with(key, |writer| fact.write(writer))
            });
        }
    }
}

/// A `Result`, of which only an `Ok` is a response.
pub trait RespondResult<'a, T: 'a> {
    /// Reads what the response says (`response = path`).
    fn __respond<R: Serialize>(&self, open: &mut Open, response: impl FnOnce(&'a T) -> R);
}

impl<'a, T: 'a, E> RespondResult<'a, T> for &Probe<'a, Result<T, E>> {
    fn __respond<R: Serialize>(&self, open: &mut Open, response: impl FnOnce(&'a T) -> R) {
        if let Ok(value) = self.0 {
            read(open, &response(value));
        }
    }
}

/// Anything else is a response itself.
pub trait RespondAny<'a, T: 'a> {
    /// Reads what the response says (`response = path`).
    fn __respond<R: Serialize>(&self, open: &mut Open, response: impl FnOnce(&'a T) -> R);
}

impl<'a, T: 'a> RespondAny<'a, T> for Probe<'a, T> {
    fn __respond<R: Serialize>(&self, open: &mut Open, response: impl FnOnce(&'a T) -> R) {
        read(open, &response(self.0));
    }
}

fn read(open: &mut Open, response: &impl Serialize) {
    let Ok(body) = serde_json::to_value(response) else {
        return;
    };
    open.edit(|items| {
        openai_chat::response(&body as &Json, |key, fact| {
            items.set_with(key, |writer| fact.write(writer));
        });
    });
}
