import unittest

import support
import check_coroutines


class CheckCoroutines(support.TreeTest):
    def check(self, *lines, path="src/http/a.cpp"):
        self.write(path, "\n".join(lines) + "\n")
        return check_coroutines.check(self.root)

    def test_accepts_named_locals_and_plain_calls(self):
        self.assert_found(
            self.check(
                "auto agg = Agg{1, s};",
                "co_await f(agg);",
                "co_await g([] { return 1; }, table[i], std::move(x));",
                "if (co_await h(x)) { y = {1, 2}; }",
                "for (;;) { co_await k(); auto z = Agg{2}; }",
                "co_return Agg{1, s};",
            )
        )

    def test_finds_a_capturing_lambda(self):
        found = self.check("co_await f(", "    [s] { return s; });")
        self.assert_found(found, ("src/http/a.cpp", 2, "capturing lambda"))

    def test_finds_captures_by_default(self):
        for capture in ("&", "=", "this", "x = std::move(y)"):
            with self.subTest(capture):
                self.assert_found(self.check(f"co_await f([{capture}]() mutable {{}});"), ("src/http/a.cpp", 1, "lambda"))

    def test_finds_aggregates_and_lists(self):
        for expression in ("f(Agg{1, s})", "f({1, 2})", "Agg{}.run()", "f(std::vector<int>{1})", "f(a, g(B{}))"):
            with self.subTest(expression):
                self.assert_found(self.check(f"auto r = co_await {expression};"), ("src/http/a.cpp", 1, "braced"))

    def test_looks_into_conditions_and_nested_awaits(self):
        self.assert_found(self.check("if (co_await f(Agg{1})) {", "}"), ("src/http/a.cpp", 1, "braced"))
        self.assert_found(self.check("co_await f(co_await g(Agg{1}));"), ("src/http/a.cpp", 1, "braced"))

    def test_comments_and_strings_do_not_count(self):
        self.assert_found(self.check('co_await f("{[x]}"); // co_await f(Agg{1})', '// co_await g({1});'))

    def test_coroutines_stay_in_http(self):
        self.assert_found(
            self.check("int x;", "co_return;", path="src/scim/b.cpp"), ("src/scim/b.cpp", 2, "only in src/http/")
        )
        self.assert_found(
            self.check("net::awaitable<void> f();", path="src/scim/b.cpp"), ("src/scim/b.cpp", 1, "only in src/http/")
        )

    def test_http_stays_small(self):
        lines = ["co_return;"] + ["int x;"] * check_coroutines.MAX_LINES
        self.assert_found(self.check(*lines), ("src/http/", 1, "add up to"))


if __name__ == "__main__":
    unittest.main()
