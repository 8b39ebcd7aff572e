#![deny(warnings)]
use genai_trace::genai_tool;

struct Point {
    x: i32,
    y: i32,
}

#[genai_tool(fields("x" = x, "first" = first))]
fn sync(
    (first, _): (i32, String),
    Point { x, y: renamed }: Point,
    [head, .., mut tail]: [i32; 3],
    &copied: &i32,
    _: Vec<u8>,
    #[allow(unused_variables)] unused: u8,
) -> i32 {
    tail += 1;
    first + x + renamed + head + tail + copied
}

#[genai_tool]
async fn later(
    (first, _): (i32, String),
    Point { x, y }: Point,
    mut whole @ [..]: [i32; 2],
) -> i32 {
    whole.reverse();
    first + x + y + whole.iter().sum::<i32>()
}

fn main() {
    let point = || Point { x: 10, y: 20 };
    assert_eq!(
        sync((1, String::new()), point(), [100, 0, 200], &1000, vec![], 0),
        1332
    );
    drop(later((1, String::new()), point(), [1, 2]));
}
