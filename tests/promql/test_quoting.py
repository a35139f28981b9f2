import promql_parser
from hypothesis import example, given
from hypothesis import strategies as st

from slogen.promql.quoting import quote
from slogen.promql.tokens import Kind, tokenize, unquote


@given(st.text())
@example("\x00\x7f\x85\x9f\u2028\ufeff\U0001f600")
@example('a"b\\c\nd\te\r{{ $x }}`')
def test_any_text_comes_out_the_same(text: str) -> None:
    ast = promql_parser.parse(f"m{{a={quote(text)}}}")
    assert isinstance(ast, promql_parser.VectorSelector)
    assert [matcher.value for matcher in ast.matchers.matchers] == [text]
    (token,) = tokenize(quote(text))
    assert token.kind is Kind.STRING
    assert unquote(token.text) == text


def test_stays_readable() -> None:
    assert quote("größer\n") == '"größer\\n"'
