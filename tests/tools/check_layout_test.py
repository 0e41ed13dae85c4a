import unittest

import support
import check_layout


class CheckLayout(support.TreeTest):
    def setUp(self):
        super().setUp()
        self.table = {"limits": {"source_lines": 5, "readme_lines": 3}, "tested_by": {}, "long": {}}
        self.write("src/room/README.md", "# room\n")
        self.write("src/room/a.h", "#pragma once\n")
        self.write("src/room/a.cpp", '#include "room/a.h"\n')
        self.write("tests/room/a_test.cpp", '#include "room/a.h"\n')

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
        self.write("src/room/part/b.h", "#pragma once\n")
        self.write("src/room/part/b.cpp", '#include "room/part/b.h"\n')
        self.write("tests/room/part/b_test.cpp", '#include "room/part/b.h"\n')
        self.assert_found(self.check())

    def test_a_source_has_a_test(self):
        self.write("src/room/b.h", "#pragma once\n")
        self.write("src/room/b.cpp", '#include "room/b.h"\n')
        self.assert_found(self.check(), ("src/room/b.cpp", 1, "is reached by no test in tests/room/"))
        self.table["tested_by"]["src/room/b.cpp"] = "e2e/b_test.py"
        self.assert_found(self.check(), ("tools/layout.toml", 1, "there is no e2e/b_test.py"))
        self.write("e2e/b_test.py")
        self.assert_found(self.check())
        self.table["tested_by"] = {}
        self.write("tests/room/a_test.cpp", '#include "room/a.h"\n#include "room/b.h"\n')
        self.assert_found(self.check())

    def test_a_test_reaches_through_headers(self):
        self.write("src/room/a.cpp", '#include "room/a.h"\n#include "room/inner.h"\n')
        self.write("src/room/inner.h", "#pragma once\n")
        self.write("src/room/inner.cpp", '#include "room/inner.h"\n')
        self.write("src/room/more.cpp", '#include "room/a.h"\n')
        self.assert_found(self.check())

    def test_only_the_tests_of_its_room_count(self):
        self.write("tests/other/c_test.cpp", '#include "room/c.h"\n')
        self.write("src/room/c.h", "#pragma once\n")
        self.write("src/room/c.cpp", '#include "room/c.h"\n')
        self.assert_found(self.check(), ("src/room/c.cpp", 1, "is reached by no test"))

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
