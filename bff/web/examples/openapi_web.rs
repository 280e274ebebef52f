//! Prints the web BFF's OpenAPI document.

fn main() {
    print!("{}", covergen_bff_web::openapi_json());
}
