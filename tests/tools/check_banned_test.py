import tomllib
import unittest

import support
import check_banned

TABLE = tomllib.loads((support.TOOLS / "banned.toml").read_text(encoding="utf-8"))


class CheckBanned(support.TreeTest):
    def check(self, text, path="src/scim/a.cpp"):
        self.write(path, text)
        return check_banned.check(self.root, TABLE)

    def test_finds_each_banned_call(self):
        for line in (
            "sprintf(buffer, format);",
            "std::strcpy(a, b);",
            "int n = std::stoi(text);",
            "std::system(command);",
            "int x = rand();",
            "std::mt19937 generator;",
            "using namespace std;",
            "std::regex pattern(text);",
            "#include <regex>",
            "std::cout << x;",
            'printf("here");',
            'fmt::print("{}", x);',
            "assert(x);",
            "throw Failure(x);",
            "auto t = std::chrono::system_clock::now();",
            "auto t = std::time(nullptr);",
            "auto t = time(nullptr);",
            "gmtime(&t);",
            'std::getenv("HOME");',
            "std::this_thread::sleep_for(x);",
            "memcmp(a, b, 4);",
            "f();  // NOLINT",
            "f();  // NOLINT: because",
            "// TODO" + "(somebody): later",
        ):
            with self.subTest(line):
                self.assertEqual(len(list(self.check(line + "\n"))), 1)

    def test_leaves_good_code_alone(self):
        for line in (
            "std::snprintf(buffer, sizeof(buffer), format);",
            'log::info("rand() and printf() in a string");',
            "// sprintf(buffer) in a comment",
            "operand();",
            "static_assert(sizeof(int) == 4);",
            "if (x.system(1)) y = brand(2);" .replace("x.system", "x.ecosystem"),
            "auto now = clock.now();",
            "const auto t = response.time(nullptr_like);",
            "f();  // NOLINT(bugprone-foo): the interface of libxml2 wants it",
            "// NOLINTNEXTLINE(bugprone-foo): the interface of libxml2 wants it",
            "// NOLINTEND(bugprone-foo)",
            "// TODO: step 4 of the algorithm",
            "wait_until(time);",
        ):
            with self.subTest(line):
                self.assert_found(self.check(line + "\n"))

    def test_exceptions_hold_for_their_folder_only(self):
        self.assert_found(self.check('std::getenv("X");\n', path="src/server/main.cpp"))
        self.assertEqual(len(list(self.check("std::cout << x;\n", path="src/serverless/main.cpp"))), 1)

    def test_names_the_line(self):
        self.assert_found(self.check("\n\nrand();\n"), ("src/scim/a.cpp", 3, "crypto/random.h"))

    def test_rules_for_headers_hold_for_headers(self):
        self.assert_found(self.check("using namespace doorward;\n", path="tests/x/a_test.cpp"))
        self.assertEqual(len(list(self.check("using namespace doorward;\n", path="tests/x/a.h"))), 1)


if __name__ == "__main__":
    unittest.main()
