//! The corpora of the fuzz targets, replayed.

#[path = "../../fuzz/inputs.rs"]
mod inputs;

#[test]
fn no_input_of_the_fuzz_corpora_panics() {
    for (name, target) in inputs::TARGETS {
        let files = inputs::corpus(name);
        assert!(files.len() >= 3, "{name}: only {} inputs", files.len());
        for (path, content) in files {
            eprintln!("{path}");
            target(&content);
        }
    }
}
