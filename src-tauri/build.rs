//! Makes Tauri's context: capabilities, icons, the page's assets.

fn main() {
    // The page is built by npm; on a clean clone `cargo check` must not wait for it.
    if let Err(error) = std::fs::create_dir_all("ui/dist") {
        println!("cargo::error=cannot make ui/dist: {error}");
    }
    tauri_build::build();
}
