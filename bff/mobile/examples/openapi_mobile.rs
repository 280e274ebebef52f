//! Prints the mobile BFF's OpenAPI document.

fn main() {
    print!("{}", covergen_bff_mobile::openapi_json());
}
