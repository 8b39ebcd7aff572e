#![deny(warnings)]
use genai_trace::{genai_span, genai_tool};

#[genai_tool]
fn same<T>(value: &mut T) -> &mut T {
    value
}

#[genai_tool]
fn first<'a>(list: &'a mut Vec<String>, _other: &mut u32) -> Option<&'a mut String> {
    list.first_mut()
}

#[genai_span(ret_fields("length" = |result| result.as_ref().ok().map(|text| text.len())))]
fn checked(list: &mut [String]) -> Result<&mut String, String> {
    let first = list.first_mut().ok_or("empty")?;
    first.push('!');
    Ok(first)
}

#[genai_span]
async fn later(list: &mut [String]) -> Result<&mut String, String> {
    list.first_mut().ok_or_else(|| "empty".to_owned())
}

fn main() {
    let mut list = vec![String::new()];
    same(&mut list).push(String::new());
    first(&mut list, &mut 1)
        .into_iter()
        .for_each(|text| text.push('a'));
    assert_eq!(checked(&mut list).map(|text| text.as_str()), Ok("a!"));
    assert!(checked(&mut []).is_err());
    drop(later(&mut list));
}
