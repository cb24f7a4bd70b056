//! Where generated Prisma clients are.

use routewise_analysis::path::FilePath;

use crate::paths::read_small;

/// The folders that the client generators of a schema write to, where the schema names them.
pub(crate) fn outputs(schema: &FilePath) -> Vec<FilePath> {
    let (Some(text), Some(folder)) = (read_small(schema), schema.parent()) else { return Vec::new() };
    generators(&text).into_iter().map(|output| folder.join(&output)).collect()
}

/// `output` of every generator that makes a client.
fn generators(text: &str) -> Vec<String> {
    let mut outputs = Vec::new();
    let mut inside = false;
    let mut client = false;
    let mut output = None;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if line.starts_with("generator ") && line.ends_with('{') {
            (inside, client, output) = (true, false, None);
        } else if inside && line.starts_with('}') {
            inside = false;
            outputs.extend(output.take().filter(|_| client));
        } else if inside && let Some((key, value)) = line.split_once('=') {
            let value = value.trim().trim_matches('"');
            match key.trim() {
                "provider" => client = matches!(value, "prisma-client" | "prisma-client-js"),
                // `env(…)` is not known here.
                "output" if !value.contains('(') => output = Some(value.replace('\\', "/")),
                _ => {}
            }
        }
    }
    outputs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_of_client_generators_are_read_and_others_are_not() {
        let schema = r#"
generator client { // the client
  provider        = "prisma-client"
  output          = "../src/generated/prisma"
  previewFeatures = []
}
generator zod {
  provider = "zod-prisma-types"
  output   = "./zod"
}
// generator old { output = "./old" }
generator js {
  output   = env("OUT")
  provider = "prisma-client-js"
}
model User { output String }
"#;
        assert_eq!(generators(schema), ["../src/generated/prisma"]);
        assert_eq!(generators("generator a {\n output = \"x\""), Vec::<String>::new());
    }
}
