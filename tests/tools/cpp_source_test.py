import unittest

import support  # noqa: F401  (makes tools/ importable)
import cpp_source


class CodeOnly(unittest.TestCase):
    def test_blanks_comments_and_literals_and_keeps_offsets(self):
        text = 'a("x;y"); // b("z")\n/* c\n d */ e(\'"\', 1\'000\'000);\n'
        code = cpp_source.code_only(text)
        self.assertEqual(len(code), len(text))
        self.assertEqual([line.rstrip() for line in code.split("\n")], ['a("   ");', "", "      e(' ', 1'000'000);", ""])

    def test_knows_raw_strings(self):
        code = cpp_source.code_only('f(R"x(" // not a comment)" )x", g());')
        self.assertIn("g()", code)
        self.assertNotIn("comment", code)

    def test_an_escaped_quote_does_not_end_a_string(self):
        self.assertEqual(cpp_source.code_only(r'f("a\"b//", g)'), 'f("      ", g)')

    def test_a_comment_mark_in_a_string_is_no_comment(self):
        self.assertEqual(cpp_source.without_comments('f("http://x") // y').rstrip(), 'f("http://x")')


class StringLiterals(unittest.TestCase):
    def test_joins_neighbours(self):
        text = 'f("a " /* why */\n  "b", "c", R"(d)")'
        self.assertEqual([value for _, value in cpp_source.string_literals(text)], ["a b", "c", "d"])

    def test_leaves_comments_and_characters_out(self):
        text = "// \"x\"\nf('\"', \"y\")"
        self.assertEqual([value for _, value in cpp_source.string_literals(text)], ["y"])


if __name__ == "__main__":
    unittest.main()
