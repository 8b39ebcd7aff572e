//! The thread that sends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::line::Line;
use super::parcel::Parcel;
use super::retry::{Answer, Backoff};
use super::transport::Transport;
use super::work::{Delivery, Pause};
use crate::span::outcome::panic_message;
use crate::span::stack;

/// Sends what waits, one request after another.
pub(super) struct Sender {
    pub(super) line: Arc<Line>,
    pub(super) transport: Transport,
}

impl Sender {
    pub(super) fn run(mut self) {
        // What the client does is no part of anybody's trace.
        stack::silence();
        let mut backoff = Backoff::default();
        let mut pause = None;
        while let Some(work) = self.line.next(pause.take()) {
            let mut delivery = Delivery::default();
            let mut asked = None;
            let delivered = catch_unwind(AssertUnwindSafe(|| {
                self.deliver(work.parcel(), &mut delivery, &mut asked)
            }));
            match delivered {
                Ok(true) => backoff.reset(),
                Ok(false) => {
                    pause = Some(Pause {
                        until: Instant::now() + asked.unwrap_or_else(|| backoff.next()),
                        is_asked_for: asked.is_some(),
                    });
                }
                // It would panic again.
                Err(payload) => {
                    let message = panic_message(payload.as_ref());
                    let cause = format!("the client panicked: {message}");
                    delivery = Delivery::default();
                    delivery.refused.push((work.parcel().items, cause));
                }
            }
            self.line.settle(work, delivery);
        }
    }

    /// Sends a parcel, in parts where it is too large; whether the backend can be reached.
    fn deliver(
        &mut self,
        parcel: &Parcel,
        delivery: &mut Delivery,
        asked: &mut Option<Duration>,
    ) -> bool {
        if self.line.is_stopped() {
            delivery.left.push(parcel.clone());
            return false;
        }
        match self.transport.send(parcel) {
            Answer::Taken { rejected, message } => {
                if let Some(message) = message {
                    delivery.refused.push((rejected.min(parcel.items), message));
                }
                true
            }
            Answer::Refused(cause) => {
                delivery.refused.push((parcel.items, cause));
                true
            }
            Answer::Later { after, cause } => {
                *asked = after;
                delivery.cause = Some(cause);
                delivery.left.push(parcel.clone());
                false
            }
            Answer::TooLarge(cause) => {
                let Some((first, second)) = parcel.halves() else {
                    delivery.refused.push((parcel.items, cause));
                    return true;
                };
                if self.deliver(&first, delivery, asked) {
                    return self.deliver(&second, delivery, asked);
                }
                delivery.left.push(second);
                false
            }
        }
    }
}
