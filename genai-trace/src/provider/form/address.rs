//! What the path of a request says: which call it is, and of which model.

/// The path of `url`, without what comes before and after.
fn path(url: &str) -> &str {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = match url.contains("://") {
        true => behind_scheme
            .find('/')
            .and_then(|at| behind_scheme.get(at..)),
        false => Some(behind_scheme),
    };
    let path = path.unwrap_or_default();
    path.split(['?', '#']).next().unwrap_or_default()
}

/// The model and the method of a path as Google writes it: `/models/MODEL:METHOD`.
pub(super) fn google(url: &str) -> Option<(String, &str)> {
    let path = path(url);
    let (before, method) = path.rsplit_once(':')?;
    let (folder, model) = before.rsplit_once('/')?;
    let known = ["models", "tunedModels", "endpoints"];
    let folder = folder.rsplit('/').next()?;
    (known.contains(&folder) && !model.is_empty()).then(|| (decoded(model), method))
}

/// The model and the call of a path as Bedrock writes it: `/model/MODEL/CALL`.
pub(super) fn bedrock(url: &str) -> Option<(String, &str)> {
    let (_, behind) = path(url).split_once("/model/")?;
    let (model, call) = behind.rsplit_once('/')?;
    let calls = [
        "invoke",
        "invoke-with-response-stream",
        "converse",
        "converse-stream",
    ];
    (calls.contains(&call) && !model.is_empty()).then(|| (decoded(model), call))
}

/// `text` without its percent signs; those that stand for nothing stay.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = match (first, behind) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        let (byte, behind) = match hex {
            Some((high, low)) => (high << 4 | low, behind.get(2..).unwrap_or_default()),
            None => (*first, behind),
        };
        bytes.push(byte);
        rest = behind;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn digit(hex: u8) -> Option<u8> {
    let digit = char::from(hex).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::{bedrock, google};

    #[test]
    fn the_path_of_a_request_says_the_model() {
        let google = |url: &str| google(url).map(|(model, method)| format!("{model} {method}"));
        let base = "https://generativelanguage.googleapis.com/v1beta";
        assert_eq!(
            google(&format!(
                "{base}/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
            )),
            Some("gemini-2.5-flash streamGenerateContent".to_owned())
        );
        assert_eq!(google("/v1/models/gpt-4o"), None);
        assert_eq!(google("http://localhost:8080/v1/chat/completions"), None);
        let bedrock = |url: &str| bedrock(url).map(|(model, call)| format!("{model} {call}"));
        assert_eq!(
            bedrock("https://bedrock-runtime.us-east-1.amazonaws.com/model/a%3Ab%2Fc%3A0/converse"),
            Some("a:b/c:0 converse".to_owned())
        );
        assert_eq!(
            bedrock("/model/x%zz%/invoke"),
            Some("x%zz% invoke".to_owned())
        );
        assert_eq!(bedrock("/model/x/train"), None);
        assert_eq!(bedrock("/models/x/invoke"), None);
    }
}
