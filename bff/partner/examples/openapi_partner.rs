//! Prints the partner BFF's OpenAPI document.

fn main() {
    print!("{}", covergen_bff_partner::openapi_json());
}
