"""What a person may write: one model per kind of document, and the JSON Schema made from them."""
