use genai_trace::record;

fn main() {
    record!();
    let nothing: () = record!("" = 1, 5 = 2);
    nothing
}
