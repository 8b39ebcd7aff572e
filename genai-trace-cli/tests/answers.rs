//! What commands answer, as their pages in `tests/cmd` have it: each on a run of the example, and on a broken file.

#[test]
fn commands_answer_as_their_pages_say() {
    trycmd::TestCases::new().case("tests/cmd/*.md");
}
