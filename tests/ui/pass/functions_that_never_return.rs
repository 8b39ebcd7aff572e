#![deny(warnings)]
use genai_trace::{genai_agent, genai_span};

#[genai_agent]
fn exit() -> ! {
    std::process::exit(0)
}

#[genai_agent]
fn panic() -> ! {
    panic!("on purpose")
}

#[genai_span]
async fn forever() -> ! {
    loop {
        std::future::ready(()).await;
    }
}

#[genai_span]
fn no_number() -> u32 {
    panic!("on purpose")
}

#[genai_span]
async fn no_number_later() -> Result<u32, String> {
    unimplemented!()
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    assert!(std::panic::catch_unwind(|| panic()).is_err());
    assert!(std::panic::catch_unwind(no_number).is_err());
    drop(forever());
    drop(no_number_later());
    exit()
}
