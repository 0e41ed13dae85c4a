import unittest

import support
import check_layout


class CheckLayout(support.TreeTest):
    def setUp(self):
        super().setUp()
        self.table = {"limits": {"source_lines": 5, "readme_lines": 3}, "tested_by": {}, "long": {}}
        self.write("src/room/README.md", "# room\n")
        self.write("src/room/a.cpp", "int a;\n")
        self.write("tests/room/a_test.cpp", "int t;\n")

    def check(self):
        return check_layout.check(self.root, self.table)

    def test_accepts_a_tidy_tree(self):
        self.assert_found(self.check())

    def test_a_room_has_a_short_readme(self):
        self.write("src/room/README.md", "x\n" * 4)
        self.assert_found(self.check(), ("src/room/README.md", 4, "has 4 lines"))
        (self.root / "src/room/README.md").unlink()
        self.assert_found(self.check(), ("src/room/README.md", 1, "is missing"))

    def test_a_part_of_a_room_is_described_by_the_room(self):
        self.write("src/room/part/b.cpp", "")
        self.write("tests/room/part/b_test.cpp", "")
        self.assert_found(self.check())

    def test_a_source_has_its_test(self):
        self.write("src/room/b.cpp", "")
        self.assert_found(self.check(), ("src/room/b.cpp", 1, "has no tests/room/b_test.cpp"))
        self.table["tested_by"]["src/room/b.cpp"] = "tests/room/c_test.cpp"
        self.assert_found(self.check(), ("src/room/b.cpp", 1, "has no tests/room/c_test.cpp"))
        self.table["tested_by"]["src/room/b.cpp"] = "tests/room/a_test.cpp"
        self.assert_found(self.check())
        self.table["tested_by"]["src/room/a.cpp"] = "tests/room/a_test.cpp"
        self.assert_found(self.check(), ("tools/layout.toml", 1, "src/room/a.cpp is not needed"))

    def test_files_stay_short(self):
        self.write("src/room/a.cpp", "x\n" * 6)
        self.assert_found(self.check(), ("src/room/a.cpp", 6, "has 6 lines"))
        self.table["long"]["src/room/a.cpp"] = " "
        self.assert_found(self.check(), ("tools/layout.toml", 1, "has no reason"))

    def test_headers_are_guarded(self):
        self.write("src/room/b.h", "int b;\n")
        self.assert_found(self.check(), ("src/room/b.h", 1, "#pragma once"))

    def test_fuzz_targets_have_seeds(self):
        self.write("fuzz/x_fuzz.cpp", "")
        self.assert_found(self.check(), ("fuzz/x_fuzz.cpp", 1, "no seeds"))
        self.write("fuzz/corpus/x/one", "")
        self.assert_found(self.check())


if __name__ == "__main__":
    unittest.main()
