//! Functions that are neither async nor methods.
#![allow(unsafe_code, reason = "`unsafe fn` is one of the shapes")]

use std::num::ParseIntError;

use genai_trace::{Outcome, genai_agent, genai_chat, genai_gate, genai_span, genai_tool};
use genai_trace_shapes::{calls, ends, panic_quietly, panics};

#[test]
fn a_function_without_arguments_and_result() {
    #[genai_span]
    fn step() {}
    ends("step", Outcome::Ok, step);
}

#[test]
fn each_attribute_names_its_span() {
    #[genai_agent]
    fn coder() {}
    #[genai_chat(model = "gpt-4o")]
    fn chat() {}
    #[genai_tool]
    fn read_file() {}
    #[genai_gate]
    fn allow() -> bool {
        true
    }
    ends("invoke_agent coder", Outcome::Ok, coder);
    ends("chat gpt-4o", Outcome::Ok, chat);
    ends("execute_tool read_file", Outcome::Ok, read_file);
    ends("gate allow", Outcome::Ok, allow);
}

#[test]
fn ways_out_of_a_result() {
    #[genai_tool]
    fn sum(texts: &[&str]) -> Result<i32, ParseIntError> {
        let mut sum = 0;
        'texts: for text in texts {
            for letter in text.chars() {
                match letter {
                    'r' => return Ok(sum),
                    'c' => continue 'texts,
                    'b' => break 'texts,
                    _ => {}
                }
            }
            sum += text.parse::<i32>()?;
        }
        Ok(sum)
    }
    let name = "execute_tool sum";
    for (texts, expected) in [
        (["1", "2"], 3),
        (["1", "r"], 1),
        (["c", "2"], 2),
        (["b", "x"], 0),
    ] {
        ends(name, Outcome::Ok, || {
            assert_eq!(sum(&texts).as_ref(), Ok(&expected))
        });
    }
    let span = ends(name, Outcome::Error, || assert!(sum(&["1", "x"]).is_err()));
    assert_eq!(span.status_message, "invalid digit found in string");
    assert_eq!(span.attributes.str("error.type"), Some("ParseIntError"));
}

#[test]
fn ways_out_of_an_option() {
    #[genai_span]
    fn first(list: &[u8]) -> Option<u8> {
        let first = list.first()?;
        Some(*first)
    }
    ends("first", Outcome::Ok, || assert_eq!(first(&[1]), Some(1)));
    ends("first", Outcome::Ok, || assert_eq!(first(&[]), None));
}

#[test]
fn a_function_that_panics() {
    #[genai_span]
    fn explode(fuse: u8) -> u8 {
        match fuse {
            0 => panic_quietly("out of cheese"),
            fuse => fuse,
        }
    }
    ends("explode", Outcome::Ok, || assert_eq!(explode(1), 1));
    let span = ends("explode", Outcome::Panicked, || {
        assert!(panics(|| explode(0)));
    });
    assert_eq!(span.status_message, "out of cheese");
}

#[test]
fn a_function_that_is_called_while_its_thread_unwinds() {
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            clean_up();
        }
    }
    #[genai_span]
    fn clean_up() {}
    ends("clean_up", Outcome::Ok, || {
        assert!(panics(|| {
            let _on_drop = OnDrop;
            panic_quietly("elsewhere");
        }));
    });
}

#[test]
fn a_function_that_never_returns() {
    #[genai_span]
    fn give_up() -> ! {
        panic_quietly("given up")
    }
    ends("give_up", Outcome::Panicked, || {
        assert!(panics(|| give_up()));
    });
}

#[test]
fn a_mutable_reference_in_and_out() {
    #[genai_tool]
    fn same<T>(value: &mut T) -> &mut T {
        value
    }
    #[genai_tool]
    fn first<'a>(list: &'a mut [String], _other: &mut u8) -> Result<&'a mut String, String> {
        let first = list.first_mut().ok_or("empty")?;
        first.push('!');
        Ok(first)
    }
    let mut number = 1;
    ends("execute_tool same", Outcome::Ok, || *same(&mut number) += 1);
    assert_eq!(number, 2);
    let mut list = [String::new()];
    ends("execute_tool first", Outcome::Ok, || {
        first(&mut list, &mut 1).unwrap().push('?');
    });
    assert_eq!(list, ["!?"]);
    ends("execute_tool first", Outcome::Error, || {
        first(&mut [], &mut 1).unwrap_err()
    });
}

#[test]
fn mutable_arguments() {
    #[genai_span]
    fn count_down(mut from: u32, mut list: Vec<u32>) -> Vec<u32> {
        while from > 0 {
            list.push(from);
            from -= 1;
        }
        list
    }
    ends("count_down", Outcome::Ok, || {
        assert_eq!(count_down(2, vec![]), [2, 1]);
    });
}

#[test]
fn arguments_taken_apart() {
    struct Point {
        x: i32,
        y: i32,
    }
    #[genai_span(fields("x" = x, "first" = first))]
    fn sum(
        (first, _): (i32, String),
        Point { x, y: renamed }: Point,
        [head, .., mut tail]: [i32; 3],
        &copied: &i32,
        whole @ (_, last): (i32, i32),
        _: Vec<u8>,
    ) -> i32 {
        tail += 1;
        first + x + renamed + head + tail + copied + whole.0 + last
    }
    let span = ends("sum", Outcome::Ok, || {
        let point = Point { x: 10, y: 20 };
        let sum = sum(
            (1, String::new()),
            point,
            [100, 0, 200],
            &1000,
            (5000, 6000),
            vec![],
        );
        assert_eq!(sum, 12_332);
    });
    assert_eq!(span.attributes.int("x"), Some(10));
    assert_eq!(span.attributes.int("first"), Some(1));
}

#[test]
fn raw_identifiers() {
    #[genai_tool(fields("given" = r#fn))]
    fn r#type(r#fn: u8) -> u8 {
        let r#struct = r#fn;
        r#struct + 1
    }
    let span = ends("execute_tool type", Outcome::Ok, || {
        assert_eq!(r#type(7), 8);
    });
    assert_eq!(span.attributes.int("given"), Some(7));
}

#[test]
fn unsafe_functions() {
    /// # Safety
    ///
    /// `at` must be valid.
    #[genai_span]
    unsafe fn read(at: *const u8) -> u8 {
        unsafe { *at }
    }
    ends("read", Outcome::Ok, || {
        assert_eq!(unsafe { read(b"a".as_ptr()) }, b'a');
    });
}

#[test]
fn functions_that_c_may_call() {
    #[genai_span]
    extern "C" fn add(a: i32, b: i32) -> i32 {
        a + b
    }
    #[genai_span]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn genai_trace_shapes_first(text: *const u8) -> u8 {
        unsafe { *text }
    }
    ends("add", Outcome::Ok, || {
        let add: extern "C" fn(i32, i32) -> i32 = add;
        assert_eq!(add(1, 2), 3);
    });
    ends("genai_trace_shapes_first", Outcome::Ok, || {
        let first: unsafe extern "C" fn(*const u8) -> u8 = genai_trace_shapes_first;
        assert_eq!(unsafe { first(b"c".as_ptr()) }, b'c');
    });
}

#[test]
fn nested_functions() {
    #[genai_agent]
    fn outer(depth: u32) -> u32 {
        #[genai_tool]
        fn inner(depth: u32) -> u32 {
            #[genai_span]
            fn innermost(depth: u32) -> u32 {
                depth + 1
            }
            innermost(depth)
        }
        inner(depth)
    }
    let recorded = calls(|| assert_eq!(outer(1), 2));
    assert_eq!(
        recorded.outline(),
        "caller\n.invoke_agent outer\n..execute_tool inner\n...innermost"
    );
}

#[test]
fn recursive_functions() {
    #[genai_span]
    fn down(depth: u32) -> u32 {
        if depth == 0 {
            return 0;
        }
        down(depth - 1) + 1
    }
    let recorded = calls(|| assert_eq!(down(3), 3));
    assert_eq!(
        recorded.outline(),
        "caller\n.down\n..down\n...down\n....down"
    );
}

#[test]
fn closures_and_functions_as_results() {
    #[genai_tool]
    fn double(n: u32) -> u32 {
        n * 2
    }
    #[genai_span]
    fn pointer() -> fn(u32) -> u32 {
        double
    }
    #[genai_span]
    fn counter() -> impl FnMut() -> u32 {
        let mut n = 0;
        move || {
            n += 1;
            n
        }
    }
    let mut function = None;
    ends("pointer", Outcome::Ok, || function = Some(pointer()));
    ends("execute_tool double", Outcome::Ok, || {
        function.map(|function| function(2))
    });
    ends("counter", Outcome::Ok, || {
        let mut count = counter();
        assert_eq!((count(), count()), (1, 2));
    });
}

#[test]
fn a_name_that_is_known_only_at_run_time() {
    #[genai_tool(name = tool)]
    fn dispatch(tool: &str) -> Result<(), String> {
        match tool {
            "rm" => Err("denied".to_owned()),
            _ => Ok(()),
        }
    }
    ends("execute_tool ls", Outcome::Ok, || dispatch("ls"));
    ends("execute_tool rm", Outcome::Error, || dispatch("rm"));
}

#[test]
fn a_result_through_an_alias_is_still_a_result() {
    type Answer = std::io::Result<u8>;
    mod renamed {
        pub(super) type Outcome<T> = Result<T, String>;
    }
    #[genai_span]
    fn read() -> Answer {
        Err(std::io::ErrorKind::NotFound.into())
    }
    #[genai_span]
    fn parse() -> renamed::Outcome<u8> {
        Err("no number".to_owned())
    }
    let span = ends("read", Outcome::Error, read);
    assert_eq!(span.attributes.str("error.type"), Some("NotFound"));
    ends("parse", Outcome::Error, parse);
}
